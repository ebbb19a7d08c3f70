// Engine types in Postgres: what it has no type for is text or JSON, lists of values that it has types for are arrays.
import { type EngineType, parseEngineType, printEngineType, untyped } from "../../../compute/engine-type.ts";
import { type Column, quoteIdentifier } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { isPostgresType } from "../../postgres/postgres-column.ts";
import { heldAs, type HeldColumn } from "../../schema-contract.ts";
import type { ValueLimit } from "../../target.ts";
import { listStagedLimits, widerTypes } from "../staged-types.ts";
import { maxNameBytes } from "./options.ts";

/** @throws MillraceError `TARGET_UNSUPPORTED` for a name that Postgres would cut */
export function holdInPostgres({ name, type }: Column): HeldColumn {
  if (Buffer.byteLength(name) > maxNameBytes) {
    throw new MillraceError(
      "TARGET_UNSUPPORTED",
      `Postgres cuts names of more than 63 bytes, got: column \`${name}\``,
      {
        hint: "give the column a shorter name in the query",
      },
    );
  }
  const parsed = parseEngineType(type);
  if (parsed.kind === "scalar") return heldAs({ name, type }, heldScalar(type));
  const element = parsed.kind === "list" ? elementType(parsed.element) : undefined;
  if (element !== undefined) return heldAs({ name, type }, `${element}[]`);
  return { name, type: "JSON", expression: `to_json(${quoteIdentifier(name)})` };
}

/** What Postgres cannot hold of staged columns: its texts have no NUL, and its dates end earlier. */
export function listPostgresLimits(columns: readonly Column[]): ValueLimit[] {
  return [...listStagedLimits(columns), ...columns.flatMap(limitsOf)];
}

/** SQL of the text of a held value, as Postgres reads it. */
export function toPostgresText({ name, type }: Column): string {
  const column = quoteIdentifier(name);
  if (!type.endsWith("[]")) return toScalarText(column, type);
  const text = toScalarText("x", type.slice(0, -2));
  const escaped = String.raw`replace(replace(${text}, '\', '\\'), '"', '\"')`;
  const element = `CASE WHEN x IS NULL THEN 'NULL' ELSE '"' || ${escaped} || '"' END`;
  return `'{' || array_to_string(list_transform(${column}, lambda x: ${element}), ',') || '}'`;
}

function toScalarText(value: string, type: string): string {
  return type === "BLOB" ? String.raw`'\x' || hex(${value})` : `CAST(${value} AS VARCHAR)`;
}

function heldScalar(type: string): string {
  if (type === untyped || isPostgresType(type)) return type;
  return widerTypes[type] ?? "VARCHAR";
}

/** Elements that an array has without a loss; nothing for others, whose list is JSON. */
function elementType(type: EngineType): string | undefined {
  if (type.kind !== "scalar") return undefined;
  const name = printEngineType(type);
  return ["BLOB", "JSON", "TIMESTAMP_NS", untyped].includes(name) ? undefined : heldScalar(name);
}

function limitsOf({ name, type }: Column): ValueLimit[] {
  const column = quoteIdentifier(name);
  if (type === "TIMESTAMP_NS") {
    const hint = `round it in the query: \`cast(${name} as timestamp)\``;
    return [{ column: name, breaks: `epoch_ns(${column}) % 1000 <> 0`, what: "parts of a microsecond", hint }];
  }
  const isList = type.endsWith("[]") && !type.endsWith("[][]");
  const limit = scalarLimit(isList ? type.slice(0, -2) : type, isList ? "x" : column);
  if (limit === undefined) return [];
  const { breaks, what, hint } = limit;
  return [
    { column: name, breaks: isList ? `len(list_filter(${column}, lambda x: ${breaks})) > 0` : breaks, what, hint },
  ];
}

function scalarLimit(type: string, value: string): Omit<ValueLimit, "column"> | undefined {
  if (type === "VARCHAR") {
    const hint = "take it out in the query: `replace(…, chr(0), '')`";
    return { breaks: `contains(${value}, chr(0))`, what: "a NUL character in a text", hint };
  }
  if (!/^(DATE|TIMESTAMP(_S|_MS| WITH TIME ZONE)?)$/.test(type)) return undefined;
  const breaks = `(isfinite(${value}) AND year(${value}) NOT BETWEEN 1 AND ${lastYear})`;
  return { breaks, what: `a year outside 1 to ${lastYear}`, hint: "replace it in the query" };
}

/** Of a timestamp. @see https://www.postgresql.org/docs/current/datatype-datetime.html */
const lastYear = 294_275;
