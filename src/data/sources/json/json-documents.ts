// JSON files as documents, each with its file: the text as it came, cut where one document ends and the next begins.
import { stat } from "node:fs/promises";
import { type EngineSession, quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { fileList } from "../../files/file-list.ts";
import { isArchive } from "../whole-archives.ts";
import { readFirstCharacters } from "./first-characters.ts";

/** One `select` of `doc` (JSON) and `file`. */
export type Documents = string;

/** Every document of the files; an array at the top of a file is a list of documents. */
export async function listDocuments(format: "json" | "ndjson", files: readonly string[]): Promise<Documents> {
  return await readFiles(format, files, minObjectBytes);
}

/**
 * The objects of an array that every document has in the field `rows`.
 * @throws MillraceError `SOURCE_UNREADABLE` naming the file whose document has something else there
 */
export async function listRows(
  session: EngineSession,
  format: "json" | "ndjson",
  files: readonly string[],
  rows: string,
): Promise<Documents> {
  const documents = await readFiles(format, files, format === "ndjson" ? minObjectBytes : await longestDocument(files));
  const value = fieldSql("doc", rows, "JSON");
  const [wrong] = await session.query(
    `SELECT file, CASE WHEN json_type(doc) <> 'OBJECT' THEN json_type(doc)
        WHEN list_contains(json_keys(doc), ${quoteLiteral(rows)}) THEN coalesce(json_type(value), 'NULL')
        ELSE 'no such field' END AS got
      FROM (SELECT file, doc, ${value} AS value FROM (${documents})) WHERE json_type(value) IS DISTINCT FROM 'ARRAY'
      ORDER BY file LIMIT 1`,
  );
  if (wrong !== undefined) {
    const where = `field \`${rows}\` of \`${String(wrong["file"])}\``;
    throw new MillraceError(
      "SOURCE_UNREADABLE",
      `expected ${where} to be an array of objects, got: \`${describeKind(wrong["got"])}\``,
      {
        hint: "set `json.rows` to the field that holds the rows; every document must have it, if only as an empty array",
      },
    );
  }
  return `SELECT unnest(${fieldSql("doc", rows, "JSON[]")}) AS doc, file FROM (${documents})`;
}

// Each file may be one document, which the engine must hold as a whole; a compressed one grows.
async function longestDocument(files: readonly string[]): Promise<number> {
  let longest = minObjectBytes;
  for (const file of files) longest = Math.max(longest, (await stat(file)).size * (isArchive(file) ? 20 : 1));
  return Math.min(longest, maxObjectBytes);
}

/** One key of a document as a type; a key is looked for as it is written, in upper and lower case. */
export function fieldSql(document: string, key: string, type: string): string {
  return `struct_extract_at(from_json(${document}, ${quoteLiteral(`{${JSON.stringify(key)}:${JSON.stringify(type)}}`)}), 1)`;
}

/** The engine's name for what a JSON value is, as a person calls it. */
export function describeKind(type: unknown): string {
  const name = String(type);
  return kinds[name] ?? name;
}

const kinds: Readonly<Record<string, string>> = {
  NULL: "null",
  BOOLEAN: "a boolean",
  BIGINT: "a number",
  UBIGINT: "a number",
  HUGEINT: "a number",
  DOUBLE: "a number",
  VARCHAR: "a text",
  ARRAY: "an array",
  OBJECT: "an object",
};

const minObjectBytes = 16 * 1024 * 1024;
/** The engine counts the bytes of a document in 32 bits. */
const maxObjectBytes = 2 ** 32 - 1;

/** Files in their order. The engine stops at a byte order mark unless it is told the layout, which the first characters tell. */
async function readFiles(format: "json" | "ndjson", files: readonly string[], maxBytes: number): Promise<Documents> {
  const plain = format === "ndjson" ? "newline_delimited" : "auto";
  const groups: { readonly layout: string; readonly files: string[] }[] = [];
  for (const file of files) {
    const first = await readFirstCharacters(file);
    const layout = first.hasMark ? (first.text.startsWith("[") ? "array" : "unstructured") : plain;
    const last = groups.at(-1);
    if (last?.layout === layout) last.files.push(file);
    else groups.push({ layout, files: [file] });
  }
  const selects = groups.map(({ layout, files: list }) => {
    const options = `format = '${layout}', maximum_object_size = ${maxBytes}, filename = true, hive_partitioning = false`;
    return `SELECT json AS doc, filename AS file FROM read_json_objects(${fileList(list)}, ${options})`;
  });
  return selects.join(" UNION ALL ");
}
