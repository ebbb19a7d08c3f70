// Finds columns in files by their ids: in the mapping `id` their names there may be any.
// @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#reader-requirements-for-column-mapping
import type { EngineSession } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { AddFile } from "../log/delta-actions.ts";
import { toFilePath } from "../log/delta-path.ts";
import { fieldId } from "../schema/delta-column-mapping.ts";
import type { DeltaField, DeltaStruct, DeltaType } from "../schema/delta-schema.ts";
import { type DeltaRelationSource, filePattern, storedColumns } from "./delta-relation-source.ts";

/** The stored columns of files with the names that they have there, as the files say. @throws MillraceError `DELTA_CORRUPT` for a file without ids */
export async function readFileLayouts(
  session: EngineSession,
  source: DeltaRelationSource,
): Promise<ReadonlyMap<AddFile, DeltaStruct>> {
  const stored = storedColumns(source);
  const layouts = new Map<AddFile, DeltaStruct>();
  for (let start = 0; start < source.files.length; start += batchSize) {
    const files = source.files.slice(start, start + batchSize);
    const roots = await readNodes(session, source.tablePath, files);
    for (const file of files) {
      const root = roots.get(toFilePath(source.tablePath, file.path));
      if (root === undefined || root.children.every(({ id }) => id === undefined)) throw withoutIds(file);
      layouts.set(file, { ...stored, fields: stored.fields.map((field) => findColumn(root, field)) });
    }
  }
  return layouts;
}

/** Files that one question is about. */
const batchSize = 256;

/** A column of a file, a field in it, or one of the groups of which lists and maps are made. */
interface Node {
  readonly name: string;
  readonly id: number | undefined;
  readonly children: Node[];
}

async function readNodes(
  session: EngineSession,
  tablePath: string,
  files: readonly AddFile[],
): Promise<ReadonlyMap<string, Node>> {
  const paths = files.map((file) => filePattern(tablePath, file));
  const roots = new Map<string, Node>();
  const open: { readonly node: Node; left: number }[] = [];
  const rows = session.stream(
    `SELECT file_name AS file, name, field_id AS id, coalesce(num_children, 0) AS children
      FROM parquet_schema([${paths.join(", ")}])`,
  );
  for await (const chunk of rows) {
    for (const row of chunk) {
      const id = row["id"] === null ? undefined : Number(row["id"]);
      const node: Node = { name: String(row["name"]), id, children: [] };
      const parent = open.at(-1);
      if (parent === undefined) roots.set(String(row["file"]), node);
      else {
        parent.node.children.push(node);
        parent.left -= 1;
      }
      open.push({ node, left: Number(row["children"]) });
      while (open.at(-1)?.left === 0) open.pop();
    }
  }
  return roots;
}

/** The column as the file names it; one that it lacks has a name that no column of the file has. */
function findColumn(parent: Node, field: DeltaField): DeltaField {
  const id = fieldId(field);
  const node = parent.children.find((child) => child.id !== undefined && child.id === id);
  if (node === undefined) return { ...field, name: absentName(parent) };
  return { ...field, name: node.name, type: findInside(node, field.type) };
}

function findInside(node: Node, type: DeltaType): DeltaType {
  if (typeof type === "string") return type;
  switch (type.type) {
    case "struct":
      return { ...type, fields: type.fields.map((field) => findColumn(node, field)) };
    case "array":
      return { ...type, elementType: findInside(elementOf(node), type.elementType) };
    case "map": {
      const [key = node, value = node] = node.children[0]?.children ?? [];
      return { ...type, keyType: findInside(key, type.keyType), valueType: findInside(value, type.valueType) };
    }
  }
}

/** Lists have a group around their elements, in files of old writers none. */
function elementOf(node: Node): Node {
  const [repeated = node] = node.children;
  const [element] = repeated.children;
  return element !== undefined && repeated.children.length === 1 && repeated.name !== "array" ? element : repeated;
}

function absentName(parent: Node): string {
  let name = "absent";
  while (parent.children.some((child) => child.name.toLowerCase() === name)) name += "_";
  return name;
}

function withoutIds(file: AddFile): MillraceError {
  return new MillraceError(
    "DELTA_CORRUPT",
    `the table finds columns by their ids, and file \`${file.path}\` has none`,
    { hint: "write the file again with the tool that made the table" },
  );
}
