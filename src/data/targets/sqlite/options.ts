// What an output says of a table in an SQLite file.
import { defineTableSpec, type TableOptions } from "../table-options.ts";
import type { Spec } from "../../../core/spec/spec.ts";

export const sqliteSpec: Spec<TableOptions> = defineTableSpec();
