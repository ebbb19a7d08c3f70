// One numbered, forward-only change of the store's tables, with its text for each dialect.

export interface Migration {
  /** Counts from 1 without gaps; a released migration never changes. */
  readonly version: number;
  readonly name: string;
  readonly sqlite: string;
}
