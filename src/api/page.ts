// Defines the parts that all lists share: keyset pages, never counts.

/** Instants are ISO 8601 text in UTC, such as `2026-03-01T06:00:00.000Z`; durations are milliseconds. */
export type Instant = string;

/** Ids of runs are `r42`. */
export type RunIdText = string;

/** Anything JSON can hold. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Give it back as `cursor` for the next page; null at the end. Opaque. */
  readonly next_cursor: string | null;
}

export interface PageQuery {
  readonly cursor?: string;
  /** 1 to 500; default 50. */
  readonly limit?: number;
}
