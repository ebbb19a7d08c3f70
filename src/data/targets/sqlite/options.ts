// What an output says of a table in a SQLite database file.
import { assertTableOptions, type TableOptions } from "../table-options.ts";

/** A table of a SQLite database file; both are made when they are missing. */
export type SqliteOptions = TableOptions;

/** Neither upper nor lower case makes another name for SQLite. @throws MillraceError `JOB_INVALID` */
export function assertSqliteOptions(where: string, options: SqliteOptions, dataset: string): void {
  assertTableOptions(where, { options, dataset }, "sqlite", ["_millrace", "sqlite_"]);
}
