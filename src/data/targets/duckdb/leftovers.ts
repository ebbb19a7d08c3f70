// Removes what an interrupted publication left of a DuckDB file that was not there before: the hidden file in which it
// was made. A file that was there rolls back by itself.
import type { Leftovers } from "../../target.ts";
import { type TemporaryIntent, temporaryLeftovers } from "../temporary-leftovers.ts";
import { removeDuckDbFile } from "./duckdb-file.ts";

export const duckDbLeftovers: Leftovers<TemporaryIntent> = temporaryLeftovers("duckdb", removeDuckDbFile);
