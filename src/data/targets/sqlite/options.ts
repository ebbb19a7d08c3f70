// Defines the options of an output to a table in an SQLite file.
import type { OptionPath } from "../../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";
import { assertFreeName, tableShape, type TableOptions } from "../table-options.ts";

/** A table in an SQLite file; both are made when they are missing. */
export interface SqliteOptions extends TableOptions {}

export const sqliteSpec: Spec<SqliteOptions> = defineSpec<SqliteOptions>()(tableShape);

/** @throws MillraceError `JOB_INVALID` for a name of a table that is taken */
export function assertSqliteOptions(where: string, path: OptionPath, options: SqliteOptions, dataset: string): void {
  assertFreeName(where, path, options.table ?? dataset, ["_millrace", "sqlite_"]);
}
