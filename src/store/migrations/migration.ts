// One numbered, forward-only change of the store's tables, with its text for each dialect.

export interface Migration {
  /** Counts from 1 without gaps; a released migration never changes. */
  readonly version: number;
  readonly name: string;
  /**
   * The oldest schema whose programs can work on a store that has this change, so that processes are upgraded one after
   * the other. Equal to `version` for a change that older programs would not survive.
   */
  readonly compatibleWith: number;
  readonly sqlite: string;
  readonly postgres: string;
}

/** A piece of a migration that has a file of its own. */
export type MigrationPart = Pick<Migration, "sqlite" | "postgres">;
