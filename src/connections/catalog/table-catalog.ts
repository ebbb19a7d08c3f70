// The contract of catalogs: names of tables, such as `main.sales.promos`, with where their files are and who may do what. Each kind has
// a file beside this one.

/** Three names with dots between: catalog, schema, table. */
export type CatalogName = string;

/** What a catalog knows of a table. */
export interface CatalogEntry {
  readonly name: CatalogName;
  /** Address or path of its folder; paths of a local catalog may be relative to the project. */
  readonly location: string;
  /** `managed` tables belong to the catalog, which alone decides what happens to their files. */
  readonly kind: "managed" | "external";
  /** `DELTA` and the like, in capitals. */
  readonly format: string;
  readonly owner?: string;
  readonly comment?: string;
  /** Settings of the table as the catalog has them. */
  readonly properties: Readonly<Record<string, string>>;
}

/** A right that somebody has on a table, on its own or through its schema and catalog. */
export interface CatalogGrant {
  readonly principal: string;
  /** Such as `SELECT`, in order. */
  readonly privileges: readonly string[];
}

/** What people want to know of a table beside its rows. */
export interface CatalogFacts extends CatalogEntry {
  readonly grants: readonly CatalogGrant[];
  /** Tables that it is made of, where the catalog knows. */
  readonly upstream: readonly CatalogName[];
}

/** A table that is to be known. */
export interface NewCatalogTable {
  readonly name: CatalogName;
  readonly location: string;
  readonly columns: readonly CatalogColumn[];
}

export interface CatalogColumn {
  readonly name: string;
  /** The type in the words of Delta and Spark: `long`, `decimal(10,2)`, or an object for nested ones. */
  readonly type: unknown;
  readonly nullable: boolean;
}

/** Names of tables. */
export interface TableCatalog {
  /**
   * @returns `undefined` for a table that is not there
   * @throws MillraceError `CATALOG_UNKNOWN` when its catalog or schema is not there, `CATALOG_UNREADABLE`, and what a service refuses
   */
  find(name: CatalogName): Promise<CatalogEntry | undefined>;
  /** Makes an entry for an external Delta table. One that is there already, at this location, is left. @throws MillraceError `TARGET_CONFLICT` for another location, and as `find` */
  create(table: NewCatalogTable): Promise<void>;
  /** The entry with who may do what. @throws as `find` */
  describe(name: CatalogName): Promise<CatalogFacts | undefined>;
}
