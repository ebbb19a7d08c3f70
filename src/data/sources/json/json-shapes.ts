// Looks at every document once: which shape each file has, and whether there is anything in it that a table cannot hold.
import type { EngineSession } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { describeKind, type Documents } from "./json-documents.ts";
import { addShape, addStructure, createShape, findMaps, type JsonShape } from "./json-shape.ts";

export interface FoundShapes {
  /** The shape of the documents of all files; `undefined` without a document. */
  readonly shape: JsonShape | undefined;
  readonly byFile: ReadonlyMap<string, JsonShape>;
}

/**
 * @throws MillraceError `SOURCE_EMPTY` when no document is an object, `SOURCE_UNREADABLE` naming the file where one is not,
 *   or where keys cannot be columns side by side
 */
export async function findShapes(session: EngineSession, documents: Documents): Promise<FoundShapes> {
  const shape = createShape();
  const byFile = new Map<string, JsonShape>();
  const wrong: { readonly file: string; readonly kind: string }[] = [];
  // the first documents decide the order of columns, which the engine's groups do not keep
  const first = `SELECT file, json_structure(doc) AS structure, 0 AS keys FROM (${documents} LIMIT 1000)`;
  const all = `SELECT file, json_structure(doc) AS structure, max(len(json_keys(doc))) AS keys
    FROM (${documents}) GROUP BY ALL ORDER BY file, structure`;
  for (const sql of [first, all]) {
    for await (const rows of session.stream(sql)) {
      for (const { file, structure, keys } of rows) {
        const parsed: unknown = JSON.parse(String(structure));
        const name = String(file);
        if (!isObject(parsed)) wrong.push({ file: name, kind: kindOf(parsed) });
        else assertKeys(name, parsed, Number(keys));
        const own = byFile.get(name) ?? createShape();
        byFile.set(name, own);
        addStructure(own, parsed);
      }
    }
  }
  for (const own of byFile.values()) addShape(shape, own);
  if (byFile.size === 0) return { shape: undefined, byFile };
  assertObjects(wrong, shape);
  assertFields(shape, byFile);
  findMaps(shape);
  return { shape, byFile };
}

function isObject(structure: unknown): structure is Readonly<Record<string, unknown>> | "JSON" {
  return structure === "JSON" || (typeof structure === "object" && structure !== null && !Array.isArray(structure));
}

function kindOf(structure: unknown): string {
  return describeKind(Array.isArray(structure) ? "ARRAY" : structure);
}

function assertObjects(
  [wrong]: readonly { readonly file: string; readonly kind: string }[],
  { fields }: JsonShape,
): void {
  const isEmpty = fields === undefined || fields.size === 0;
  if (wrong === undefined && !isEmpty) return;
  if (wrong === undefined) throw withoutKeys();
  throw new MillraceError(
    isEmpty ? "SOURCE_EMPTY" : "SOURCE_UNREADABLE",
    `expected JSON objects in \`${wrong.file}\`, got: ${wrong.kind}`,
    { hint: objectsHint },
  );
}

const objectsHint =
  "each row is an object, and its keys are the columns; if the rows are inside a field, name it in `rows` of `json`, or of `read` of a service";

/** Rows that nobody could tell apart are neither an empty delivery nor rows of nulls. */
export function withoutKeys(): MillraceError {
  return new MillraceError("SOURCE_EMPTY", "expected JSON objects, got: objects without a key", { hint: objectsHint });
}

/** Within one object the engine would take one of the values and forget the other. */
function assertKeys(file: string, structure: Readonly<Record<string, unknown>> | "JSON", keys: number): void {
  const known = structure === "JSON" ? [] : Object.keys(structure);
  if (keys > known.length) {
    throw new MillraceError(
      "SOURCE_UNREADABLE",
      `an object in \`${file}\` has a key twice; its keys are \`${known.join("`, `")}\``,
      {
        hint: "one of the values would be lost; have the file written with each key once",
      },
    );
  }
  const same = findSameName(known);
  if (same !== undefined) throw sameName(same, [file], "");
}

/** Below the top, keys that differ in case only cannot be fields side by side either, and are not united. */
function assertFields(shape: JsonShape, byFile: ReadonlyMap<string, JsonShape>): void {
  if (shape.fields?.has("") === true) throw emptyKey(byFile);
  for (const [key, field] of shape.fields ?? []) assertNested(key, field, byFile);
}

function assertNested(place: string, shape: JsonShape, byFile: ReadonlyMap<string, JsonShape>): void {
  const names = [...(shape.fields?.keys() ?? [])];
  const same = findSameName(names);
  if (same !== undefined) throw sameName(same, [...byFile.keys()], `${place}.`);
  if (names.includes("")) throw emptyKey(byFile);
  for (const [key, field] of shape.fields ?? []) assertNested(`${place}.${key}`, field, byFile);
  if (shape.element !== undefined) assertNested(`${place}[]`, shape.element, byFile);
}

function findSameName(names: readonly string[]): [string, string] | undefined {
  const seen = new Map<string, string>();
  for (const name of names) {
    const before = seen.get(name.toLowerCase());
    if (before !== undefined) return [before, name];
    seen.set(name.toLowerCase(), name);
  }
  return undefined;
}

function sameName([first, second]: readonly [string, string], files: readonly string[], place: string): MillraceError {
  const where = files.slice(0, 3).join("`, `");
  const keys = `\`${place}${first}\` and \`${place}${second}\``;
  return new MillraceError(
    "SOURCE_UNREADABLE",
    `keys ${keys} differ in case only and would be one column, in \`${where}\``,
    {
      hint: "a table has one column for both, and a value would be lost; have one of them written under another name",
    },
  );
}

function emptyKey(byFile: ReadonlyMap<string, JsonShape>): MillraceError {
  const [file = ""] = byFile.keys();
  return new MillraceError(
    "SOURCE_UNREADABLE",
    `a key is the empty text, which no column can be called, in \`${file}\``,
  );
}
