// Defines what a reader of files promises to the publisher before the first row is read, whatever the format.
import type { Column } from "../../compute/engine.ts";
import type { Delivery } from "../delivery/delivery.ts";

/** Rows of files of one format. */
export interface SourceRows {
  /** One `select` over all rows; absent when no file tells a column, so that there is no row either. */
  readonly sql?: string;
  /** `sql` with one more column, the path of each row's file; absent where the engine tells it of the files that it reads. */
  readonly telling?: (column: string) => string;
  /** SQL of what people call a file, over SQL of its path, for rows of files that were made from others. */
  readonly nameSql?: (path: string) => string;
  /** Place of the unit of each file, by what `nameSql` makes of its path, as far as those who found the files have said it. */
  readonly units?: ReadonlyMap<string, number>;
  /** Columns without a single value. They take the type of the table's column; a new one waits for its first value. */
  readonly untyped: readonly string[];
  /** What some file lacks or has otherwise, by name. */
  readonly warnings: readonly string[];
  /** How many rows the files have, where that was counted. */
  readonly rowCount?: number;
  /** Puts the files that the rows are of where they go; see `OpenSource`. */
  readonly deliver?: (delivery: Delivery) => Promise<void>;
  /** Says more about what reading the rows failed with, such as the line. */
  explain?(error: unknown): Promise<unknown>;
}

/** The table that rows go to, for what the files alone do not tell. */
export interface KnownTable {
  /** Columns of the table that is there. */
  columns(): Promise<readonly Column[] | undefined>;
  /** Whether the rows go there as they are, without a query between. */
  readonly isVerbatim: boolean;
}
