// How rows become NDJSON and come back: one object a line with all columns, lists and objects as such, and instants in UTC. A decimal
// of more than 15 digits is a text, because readers of JSON take numbers for doubles.
import { type EngineType, mapScalars, parseEngineType, printEngineType } from "../../../compute/engine-type.ts";
import { type Column, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { fileList } from "../../files/file-list.ts";
import { holdStaged } from "../staged-types.ts";
import type { TextFormat } from "../text-format.ts";
import { listNdjsonLimits } from "./limits.ts";

export const ndjsonText: TextFormat = {
  format: "ndjson",
  extension: "ndjson",
  title: "NDJSON",
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
  read(files, columns) {
    const types = columns.map(({ name, type }) => `${quoteIdentifier(name)}: ${quoteLiteral(readType(type))}`);
    const values = columns.map(({ name, type }) => {
      const column = quoteIdentifier(name);
      return `${readType(type) === type ? column : `CAST(${column} AS ${type})`} AS ${column}`;
    });
    const longest = files.reduce((most, { longestRowBytes }) => Math.max(most, longestRowBytes), usualLineBytes);
    const paths = fileList(files.map(({ path }) => path));
    return `SELECT ${values.join(", ")} FROM read_json(${paths}, format = 'newline_delimited', hive_partitioning = false,
      columns = {${types.join(", ")}}, maximum_object_size = ${longest + 2})`;
  },
};

/** The engine reads lines of up to 16 MB by itself. */
const usualLineBytes = 16_777_216;

const numbers = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT)|FLOAT|DOUBLE|BOOLEAN)$/;

/** Whether numbers of the type are numbers in JSON, too. */
function isNumber(type: string): boolean {
  const precision = /^DECIMAL\((\d+),\s*\d+\)$/.exec(type)?.[1];
  return precision === undefined ? numbers.test(type) : Number(precision) <= 15;
}

/** SQL of the JSON of a value. */
function toJson({ name, type }: Column): string {
  const column = quoteIdentifier(name);
  if (isNumber(type)) return `CAST(${column} AS VARCHAR)`;
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

/** Numbers that JSON does not carry as texts. */
function withTexts(type: EngineType): EngineType {
  return mapScalars(type, (scalar) =>
    scalar.name === "DECIMAL" && !isNumber(printEngineType(scalar)) ? text : scalar,
  );
}

/** What the engine is told to read: texts are cast afterwards, by the rules for any text. */
function readType(type: string): string {
  return printEngineType(readAs(parseEngineType(type)));
}

function readAs(type: EngineType): EngineType {
  switch (type.kind) {
    case "list":
      return { kind: "list", element: readAs(type.element) };
    case "map":
      return { kind: "map", key: text, value: readAs(type.value) };
    case "struct":
    case "union":
      return { ...type, fields: type.fields.map((field) => ({ ...field, type: readAs(field.type) })) };
    case "scalar":
      return isNumber(printEngineType(type)) ? type : text;
  }
}

const text: EngineType = parseEngineType("VARCHAR");
