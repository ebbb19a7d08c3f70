// How NDJSON files that were published are read: by what is known of them, with nothing left to the engine to guess.
import { type EngineType, parseEngineType, printEngineType } from "../../../compute/engine-type.ts";
import { type Column, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { fileList } from "../../files/file-list.ts";
import type { KnownFile } from "../column-file.ts";

/** One `select` over files with these columns. */
export function ndjsonRelation(files: readonly KnownFile[], columns: readonly Column[]): string {
  const types = columns.map(({ name, type }) => `${quoteIdentifier(name)}: ${quoteLiteral(readType(type))}`);
  const values = columns.map(({ name, type }) => {
    const column = quoteIdentifier(name);
    return `${readType(type) === type ? column : `CAST(${column} AS ${type})`} AS ${column}`;
  });
  const longest = files.reduce((most, { longestRowBytes }) => Math.max(most, longestRowBytes), usualLineBytes);
  return `SELECT ${values.join(", ")} FROM read_json(${fileList(files.map(({ path }) => path))},
    format = 'newline_delimited', hive_partitioning = false, columns = {${types.join(", ")}},
    maximum_object_size = ${longest + 2})`;
}

/** Whether a value of a scalar type is one of JSON, too: a decimal of more than 15 digits is a text. */
export function isOfJson(type: string): boolean {
  const precision = /^DECIMAL\((\d+),\s*\d+\)$/.exec(type)?.[1];
  return precision === undefined ? plainTypes.test(type) : Number(precision) <= 15;
}

const plainTypes = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT)|FLOAT|DOUBLE|BOOLEAN)$/;

/** The engine reads lines of up to 16 MB by itself. */
const usualLineBytes = 16_777_216;

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
      return isOfJson(printEngineType(type)) ? type : text;
  }
}

const text: EngineType = parseEngineType("VARCHAR");
