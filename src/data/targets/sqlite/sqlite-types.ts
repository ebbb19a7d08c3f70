// Engine types in SQLite. A column is declared with the engine's type, which SQLite keeps as text, so that it can be read back;
// the declared type's affinity must not change the stored value.
import { parseEngineType, untyped } from "../../../compute/engine-type.ts";
import { type Column, quoteIdentifier } from "../../../compute/engine.ts";
import { heldAs, type HeldColumn } from "../../schema-contract.ts";
import type { ValueLimit } from "../../target.ts";

/**
 * How SQLite holds a column: integers to 64 bits, doubles, text and blobs as such; what it lacks as text.
 * Decimals of more than 15 digits stay exact as text; whole numbers must fit 64 bits.
 */
export function holdInSqlite({ name, type }: Column): HeldColumn {
  if (parseEngineType(type).kind === "scalar") return heldAs({ name, type }, heldType(type));
  return { name, type: "VARCHAR", expression: `CAST(to_json(${quoteIdentifier(name)}) AS VARCHAR)` };
}

/**
 * What SQLite cannot hold of staged columns: it has no NaN, which it would store as NULL, its integers have 64 bits with a sign,
 * and an instant is kept as a timestamp in microseconds.
 * @see https://www.sqlite.org/floatingpoint.html
 */
export function listSqliteLimits(columns: readonly Column[]): ValueLimit[] {
  return columns.flatMap(({ name, type }) => {
    const column = quoteIdentifier(name);
    if (type === "FLOAT" || type === "DOUBLE") {
      const hint = `make it NULL in the query: \`case when isnan(${name}) then null else ${name} end\``;
      return [{ column: name, breaks: `isnan(${column})`, what: "NaN", hint }];
    }
    if (type === "TIMESTAMP_NS") {
      const hint = `round it in the query: \`cast(${name} as timestamp)\``;
      return [{ column: name, breaks: `epoch_ns(${column}) % 1000 <> 0`, what: "parts of a microsecond", hint }];
    }
    if (isInteger(type) || heldType(type) !== "BIGINT") return [];
    const breaks = `(${column} IS NOT NULL AND TRY_CAST(${column} AS BIGINT) IS NULL)`;
    const hint = `cast it to text in the query: \`cast(${name} as varchar)\``;
    return [{ column: name, breaks, what: "a whole number beyond 64 bits", hint }];
  });
}

/** SQL of the value to bind for a held column: only integers, doubles, text and blobs. */
export function toSqliteValue({ name, type }: Column): string {
  const column = quoteIdentifier(name);
  if (type === "TIMESTAMP WITH TIME ZONE") {
    // with an offset that SQLite's own date functions understand
    const finite = `strftime(CAST(${column} AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%f') || '+00:00'`;
    return `CASE WHEN isfinite(${column}) THEN ${finite} ELSE CAST(${column} AS VARCHAR) END`;
  }
  if (type === "BOOLEAN") return `CAST(${column} AS BIGINT)`;
  if (isInteger(type) || type === "BLOB" || type === "VARCHAR") return column;
  if (type === "FLOAT" || type === "DOUBLE") return `CAST(${column} AS DOUBLE)`;
  return `CAST(${column} AS VARCHAR)`;
}

/** The engine type of a declared one, also of tables that others have made. @see https://www.sqlite.org/datatype3.html */
export function toEngineType(declared: string): string {
  const type = declared.trim().toUpperCase();
  if (heldAsDeclared(type)) return type;
  if (type.includes("INT")) return "BIGINT";
  if (/CHAR|CLOB|TEXT|JSON/.test(type)) return "VARCHAR";
  if (type === "" || type.includes("BLOB")) return "BLOB";
  if (/REAL|FLOA|DOUB/.test(type)) return "DOUBLE";
  if (/^(DATETIME|TIMESTAMP)/.test(type)) return "TIMESTAMP";
  return type.startsWith("BOOL") ? "BOOLEAN" : "DOUBLE";
}

function heldType(type: string): string {
  if (heldAsDeclared(type)) return type;
  if (/^TIMESTAMP_(S|MS|NS)$/.test(type)) return "TIMESTAMP";
  // sums are wider than SQLite's integers; one that does not fit is an error and not text that sorts wrongly
  return /^(U?HUGEINT|UBIGINT|DECIMAL\(\d+,\s*0\))$/.test(type) ? "BIGINT" : "VARCHAR";
}

function heldAsDeclared(type: string): boolean {
  if (isInteger(type)) return true;
  if (["BOOLEAN", "FLOAT", "DOUBLE", "VARCHAR", "BLOB", "DATE", "TIME", "TIMESTAMP", "UUID"].includes(type))
    return true;
  if (type === "TIMESTAMP WITH TIME ZONE" || type === untyped) return true;
  // a decimal has numeric affinity and becomes a double, which is exact to 15 digits
  const precision = /^DECIMAL\((\d+),\s*\d+\)$/.exec(type)?.[1];
  return precision !== undefined && Number(precision) <= 15;
}

/** Those that fit 64 bits with a sign. */
function isInteger(type: string): boolean {
  return ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"].includes(type);
}
