// Publishes NDJSON: one object a line with all columns, lists and objects as such, and instants in UTC. A decimal of more than 15
// digits is a text, because readers of JSON take numbers for doubles.
import { type EngineType, mapScalars, parseEngineType, printEngineType } from "../../../compute/engine-type.ts";
import { type Column, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import type { FileTable } from "../file-table.ts";
import { holdStaged } from "../staged-types.ts";
import { createTextTable } from "../text-table.ts";
import { listNdjsonLimits } from "./limits.ts";
import { isOfJson, ndjsonRelation } from "./relation.ts";

export const ndjsonTable: FileTable = createTextTable({
  format: "ndjson",
  title: "NDJSON",
  ending: "ndjson",
  hold: holdStaged,
  limits: listNdjsonLimits,
  write({ sql, columns }, path) {
    const fields = columns.map((column, index) => {
      const key = `${index === 0 ? "" : ","}${JSON.stringify(column.name)}:`;
      return `${quoteLiteral(key)}, coalesce(${toJson(column)}, 'null')`;
    });
    // no such character is in a line of JSON, so that nothing is quoted
    return `COPY (SELECT concat('{', ${fields.join(", ")}, '}') FROM (${sql})) TO ${quoteLiteral(path)}
      (FORMAT csv, HEADER false, DELIMITER e'\\x01', QUOTE '', ESCAPE '', NULLSTR '')`;
  },
  read: ndjsonRelation,
});

/** SQL of the JSON of a value. */
function toJson({ name, type }: Column): string {
  const column = quoteIdentifier(name);
  if (isOfJson(type)) return `CAST(${column} AS VARCHAR)`;
  const parsed = parseEngineType(type);
  if (parsed.kind !== "scalar")
    return `CAST(to_json(CAST(${column} AS ${printEngineType(withTexts(parsed))})) AS VARCHAR)`;
  return `CAST(to_json(${toText(column, type)}) AS VARCHAR)`;
}

function toText(column: string, type: string): string {
  if (!type.startsWith("TIMESTAMP")) return `CAST(${column} AS VARCHAR)`;
  const isInstant = type === "TIMESTAMP WITH TIME ZONE";
  const text = `replace(CAST(${isInstant ? `timezone('UTC', ${column})` : column} AS VARCHAR), ' ', 'T')`;
  return `CASE WHEN isfinite(${column}) THEN ${text}${isInstant ? " || 'Z'" : ""} ELSE CAST(${column} AS VARCHAR) END`;
}

/** Numbers that JSON does not carry are texts. */
function withTexts(type: EngineType): EngineType {
  return mapScalars(type, (scalar) =>
    scalar.name === "DECIMAL" && !isOfJson(printEngineType(scalar)) ? text : scalar,
  );
}

const text: EngineType = parseEngineType("VARCHAR");
