// What an output says of a table in a DuckDB file.
import { defineTableSpec, type TableOptions } from "../table-options.ts";
import type { Spec } from "../../../core/spec/spec.ts";

export const duckdbSpec: Spec<TableOptions> = defineTableSpec();
