// Plain values as the engine binds them, each with the type that SQL gives a literal like it.
import type { DuckDBType, DuckDBValue } from "@duckdb/node-api";
import type { BoundValue } from "../engine.ts";
import type { DuckDbModule } from "./duckdb-module.ts";

/** Whole numbers are integers of 64 or 128 bits, other numbers doubles, and dates timestamps in UTC. */
export function toBoundValue(duckdb: DuckDbModule, value: BoundValue): { value: DuckDBValue; type: DuckDBType } {
  if (value === null) return { value, type: duckdb.SQLNULL };
  if (typeof value === "string") return { value, type: duckdb.VARCHAR };
  if (typeof value === "boolean") return { value, type: duckdb.BOOLEAN };
  if (typeof value === "bigint") return { value, type: duckdb.HUGEINT };
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? { value: BigInt(value), type: duckdb.BIGINT } : { value, type: duckdb.DOUBLE };
  }
  return { value: new duckdb.DuckDBTimestampValue(BigInt(value.getTime()) * 1_000n), type: duckdb.TIMESTAMP };
}
