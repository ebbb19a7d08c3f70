// What an output says of a table in a DuckDB database file.
import { assertTableOptions, type TableOptions } from "../table-options.ts";

/** A table of a DuckDB database file; both are made when they are missing. */
export type DuckDbOptions = TableOptions;

/** Neither upper nor lower case makes another name for DuckDB. @throws MillraceError `JOB_INVALID` */
export function assertDuckDbOptions(where: string, options: DuckDbOptions, dataset: string): void {
  assertTableOptions(where, { options, dataset }, "duckdb", ["_millrace"]);
}
