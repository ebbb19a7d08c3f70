// Defines the options of an output to a table in a DuckDB file.
import type { OptionPath } from "../../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";
import { assertFreeName, tableShape, type TableOptions } from "../table-options.ts";

/** A table in a DuckDB file; both are made when they are missing. */
export interface DuckDbOptions extends TableOptions {}

export const duckDbSpec: Spec<DuckDbOptions> = defineSpec<DuckDbOptions>()(tableShape);

/** @throws MillraceError `JOB_INVALID` for a name of a table that is taken */
export function assertDuckDbOptions(where: string, path: OptionPath, options: DuckDbOptions, dataset: string): void {
  assertFreeName(where, path, options.table ?? dataset, ["_millrace"]);
}
