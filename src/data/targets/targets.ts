// The formats that datasets can be published in: one line each, and everything about a format is in its folder.
export { csv } from "./csv/format.ts";
export { delta } from "./delta/format.ts";
export { duckdb } from "./duckdb/format.ts";
export { mysql } from "./mysql/format.ts";
export { ndjson } from "./ndjson/format.ts";
export { parquet } from "./parquet/format.ts";
export { postgres } from "./postgres/format.ts";
export { redshift } from "./redshift/format.ts";
export { sqlite } from "./sqlite/format.ts";
