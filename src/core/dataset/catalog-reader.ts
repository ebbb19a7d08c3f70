// Looks at what a catalog says of a table beside its rows.

/** What the catalog says now. */
export interface CatalogTable {
  /** Whether the catalog alone decides what happens to the files of the table. */
  readonly kind: "managed" | "external";
  readonly owner?: string;
  readonly comment?: string;
  readonly grants: readonly { readonly principal: string; readonly privileges: readonly string[] }[];
  /** Names of tables that it is made of, where the catalog knows. */
  readonly upstream: readonly string[];
}

export interface CatalogReader {
  /** @returns `undefined` for a table that the catalog does not know (any more) @throws MillraceError what the catalog refuses */
  describe(table: string): Promise<CatalogTable | undefined>;
}
