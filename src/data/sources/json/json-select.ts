// Writes the query over JSON documents, once the types of their columns are known.
import { randomUUID } from "node:crypto";
import { type EngineType, parseEngineType, printEngineType } from "../../../compute/engine-type.ts";
import { quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import type { Documents } from "./json-documents.ts";
import { quoteNumbers } from "./json-numbers.ts";
import { replaceScalar } from "./json-types.ts";

/** A column and the keys of documents that it takes. Keys that differ in case only share a column; a document has one of them. */
export interface KeyColumn {
  readonly name: string;
  readonly keys: readonly string[];
}

export interface TypedColumn extends KeyColumn {
  /** With `JSON` for what is held as the JSON text. */
  readonly type: EngineType;
}

/** The type of a column in a table: JSON is text there, and so is what never had a value within an object. */
export function asText(type: EngineType): EngineType {
  return type.kind === "scalar"
    ? replaceScalar(type, "JSON", "VARCHAR")
    : replaceScalar(replaceScalar(type, "JSON", "VARCHAR"), "NULL", "VARCHAR");
}

/**
 * The rows, for documents whose numbers the engine reads as they are.
 * @param file name of one more column, with the path of each row's file
 */
export function selectPlain(documents: Documents, columns: readonly TypedColumn[], file?: string): string {
  const values = new Map(columns.map((column) => [column, castSql(column, "r", columns)] as const));
  return select(columns, values, `SELECT ${fromJson("doc", columns)} AS r, file FROM (${documents})`, file);
}

/**
 * The rows, for documents with numbers that the engine would round. All numbers are put in quotes before it reads them; a
 * column that holds JSON as text is read from documents whose quotes are marked, so that they can be taken off again.
 * @param file name of one more column, with the path of each row's file
 */
export function selectExact(documents: Documents, columns: readonly TypedColumn[], file?: string): string {
  const texts = columns.filter(holdsJson).map((column) => ({ ...column, type: parseEngineType("JSON") }));
  const others = columns.filter((column) => !holdsJson(column));
  const mark = `\u{E000}${randomUUID()}:`;
  const unmark = (value: string): string => String.raw`regexp_replace(${value}, '"${mark}([^"]*)"', '\1', 'g')`;
  const values = new Map<KeyColumn, string>();
  const byName = (name: string): TypedColumn | undefined => columns.find((column) => column.name === name);
  for (const text of texts) values.set(byName(text.name) ?? text, unmark(castSql(text, "m", texts)));
  for (const other of others) values.set(other, castSql(other, "r", others));
  const parts = [
    ...(others.length === 0 ? [] : [`${fromJson(quoteNumbers("doc"), others)} AS r`]),
    ...(texts.length === 0 ? [] : [`${fromJson(quoteNumbers("doc", mark), texts)} AS m`]),
  ];
  return select(columns, values, `SELECT ${parts.join(", ")}, file FROM (${documents})`, file);
}

function select(
  columns: readonly TypedColumn[],
  values: ReadonlyMap<KeyColumn, string>,
  from: string,
  file: string | undefined,
): string {
  const list = columns.map((column) => `${values.get(column) ?? "NULL"} AS ${quoteIdentifier(column.name)}`);
  if (file !== undefined) list.push(`file AS ${quoteIdentifier(file)}`);
  return `SELECT ${list.join(", ")} FROM (${from})`;
}

function holdsJson({ type }: TypedColumn): boolean {
  return printEngineType(replaceScalar(type, "JSON", "VARCHAR")) !== printEngineType(type);
}

/** One struct of all keys; it is read by position, because its names may differ in case only. */
function fromJson(document: string, columns: readonly TypedColumn[]): string {
  const entries = columns.flatMap(({ keys, type }) => {
    const read = printEngineType(replaceScalar(type, "NULL", "VARCHAR"));
    return keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(read)}`);
  });
  return `from_json(${document}, ${quoteLiteral(`{${entries.join(",")}}`)})`;
}

function castSql(column: TypedColumn, struct: string, columns: readonly TypedColumn[]): string {
  const start = columns.slice(0, columns.indexOf(column)).reduce((count, { keys }) => count + keys.length, 1);
  const values = column.keys.map((_, index) => `struct_extract_at(${struct}, ${start + index})`);
  const value = values.length === 1 ? (values[0] ?? "") : `coalesce(${values.join(", ")})`;
  return holdsJson(column) ? `CAST(${value} AS ${printEngineType(asText(column.type))})` : value;
}
