// Defines what a source says of what it would read. Secrets are masked in all of it.

/** What would be read of a source now. */
export interface SourcePlan {
  readonly kind: string;
  /** In the order in which it is read. */
  readonly reads: readonly PlannedRead[];
  /** By which rule more is read after what `reads` names. */
  readonly then?: string;
}

/** One of the forms. */
export type PlannedRead =
  | { readonly unit: string; readonly request: PlannedRequest }
  /** What keeps the unit from being read. */
  | { readonly unit: string; readonly problem: string }
  | { readonly file: string; readonly bytes: number }
  | { readonly unit?: string; readonly statement: string; readonly database: string }
  | { readonly dataset: string; readonly version: number | undefined };

/** The request of the first page. */
export interface PlannedRequest {
  readonly method: string;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Cut after 2,000 characters. */
  readonly body?: string;
  /** The connection that adds what proves who asks. */
  readonly connection?: string;
}
