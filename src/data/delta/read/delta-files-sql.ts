// The SQL that reads data files of a table. The engine finds the columns by their names in the files and makes every value one of the
// table's type; partition values and deleted rows are joined by the place of a file in the list and of a row in its file, so that
// neither costs more with more files.
import { quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { AddFile } from "../log/delta-actions.ts";
import { type DeltaField, type DeltaStruct, toEngineType } from "../schema/delta-schema.ts";
import { blockRows, type RowBitmap } from "../vectors/row-bitmap.ts";
import {
  type DeltaRelationSource,
  filePattern,
  partitionField,
  partitionText,
  storedColumns,
  storedFields,
} from "./delta-relation-source.ts";
import { renameSql } from "./delta-rename-sql.ts";

/** One `SELECT` of all rows of the files, of which there is one at least, with the columns of the schema in any order. */
export function filesSql(source: DeltaRelationSource, fileColumn: string | undefined): string {
  return groupFiles(source)
    .map((group) => groupSql(source, group, fileColumn))
    .join(" UNION ALL BY NAME ");
}

/** Files that one scan can read. */
interface FileGroup {
  /** The columns that these have, in the order of `storedFields`. */
  readonly layout: DeltaStruct;
  readonly files: AddFile[];
  /** For files of which rows are deleted. */
  readonly deleted: RowBitmap[];
}

/** Files without deleted rows are apart: they need no look at each row. */
function groupFiles(source: DeltaRelationSource): FileGroup[] {
  const usual = storedColumns(source);
  const groups = new Map<string, FileGroup>();
  for (const file of source.files) {
    const layout = source.known?.layouts.get(file) ?? usual;
    const deleted = deletedOf(source, file);
    const key = `${layout === usual ? "" : JSON.stringify(layout)}/${deleted !== undefined}`;
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { layout, files: [], deleted: [] }));
    group.files.push(file);
    if (deleted !== undefined) group.deleted.push(deleted);
  }
  return [...groups.values()];
}

function deletedOf({ known }: DeltaRelationSource, file: AddFile): RowBitmap | undefined {
  const deleted = known?.deleted.get(file);
  if (deleted === undefined && file.deletionVector)
    throw new MillraceError("INTERNAL", `the deletion vector of \`${file.path}\` was not read before its rows`);
  return deleted;
}

function groupSql(source: DeltaRelationSource, group: FileGroup, fileColumn: string | undefined): string {
  const stored = storedFields(source.schema, source.partitionColumns);
  const columns = stored.map((field, index) => {
    const value = renameSql(`r.c${index}`, group.layout.fields[index]?.type ?? field.type, field.type);
    return `${value} AS ${quoteIdentifier(field.name)}`;
  });
  const partitions = partitionsSql(source, group.files);
  const deleted = deletedSql(group.deleted);
  const file = fileColumn === undefined ? [] : [`r.filename AS ${quoteIdentifier(fileColumn)}`];
  const list = [...columns, ...partitions.columns, ...file].join(", ");
  return `SELECT ${list} FROM ${scanSql(source.tablePath, group)} AS r${partitions.join}${deleted}`;
}

function scanSql(tablePath: string, { layout, files }: FileGroup): string {
  const paths = files.map((file) => filePattern(tablePath, file));
  const columns = layout.fields.map(
    ({ name, type }, index) => `${quoteLiteral(name)}: ${columnSql(`c${index}`, toEngineType(type))}`,
  );
  // a scan has one column at least
  const schema = columns.length === 0 ? [`'': ${columnSql("c0", "INTEGER")}`] : columns;
  return `read_parquet([${paths.join(", ")}], schema = MAP {${schema.join(", ")}}, hive_partitioning = false)`;
}

/** A column that a file lacks is NULL there. */
function columnSql(name: string, type: string): string {
  return `{name: '${name}', type: ${quoteLiteral(type)}, default_value: NULL}`;
}

/** The partition columns, with the relation that has their values unless all files have the same ones. */
function partitionsSql(
  source: DeltaRelationSource,
  files: readonly AddFile[],
): { readonly columns: readonly string[]; readonly join: string } {
  const lists = new Map<string, readonly (string | null)[]>();
  const casts: string[] = [];
  const columns = source.partitionColumns.map((column, index) => {
    const field = partitionField(source.schema, column);
    const texts = files.map((file) => partitionText(file, field, source));
    const [first = null] = texts;
    const isConstant = texts.every((text) => text === first);
    const name = `p${index}`;
    const value = isConstant ? textSql(first, field) : `p.${name}`;
    if (!isConstant) {
      lists.set(name, texts);
      casts.push(`CAST(unnest(l.${name}) AS ${toEngineType(field.type)}) AS ${name}`);
    }
    return `${value} AS ${quoteIdentifier(field.name)}`;
  });
  if (lists.size === 0) return { columns, join: "" };
  const shape = JSON.stringify(Object.fromEntries([...lists.keys()].map((name) => [name, ["VARCHAR"]])));
  const values = JSON.stringify(Object.fromEntries(lists));
  const rows = `SELECT unnest(range(${files.length})) AS f, ${casts.join(", ")}
    FROM (SELECT from_json(${quoteLiteral(values)}, ${quoteLiteral(shape)}) AS l)`;
  return { columns, join: ` LEFT JOIN (${rows}) AS p ON p.f = CAST(r.file_index AS BIGINT)` };
}

/** A text as a value; JSON has a form for every character that may be in it. */
function textSql(text: string | null, { type }: DeltaField): string {
  if (text === null) return `CAST(NULL AS ${toEngineType(type)})`;
  return `CAST(from_json(${quoteLiteral(JSON.stringify(text))}, '"VARCHAR"') AS ${toEngineType(type)})`;
}

/** A file has fewer blocks. */
const maxBlocks = 2 ** 40;

/** Leaves out the deleted rows, whose bits are joined a block at a time. */
function deletedSql(deleted: readonly RowBitmap[]): string {
  if (deleted.length === 0) return "";
  const keys: number[] = [];
  const bits: string[] = [];
  for (const [index, rows] of deleted.entries()) {
    for (const [block, bytes] of rows.blocks) {
      keys.push(index * maxBlocks + block);
      bits.push(bytes.toString("base64"));
    }
  }
  const values = quoteLiteral(JSON.stringify({ k: keys, b: bits }));
  const rows = `SELECT unnest(l.k) AS k, CAST(from_base64(unnest(l.b)) AS BIT) AS b
    FROM (SELECT from_json(${values}, '{"k": ["BIGINT"], "b": ["VARCHAR"]}') AS l)`;
  const key = `CAST(r.file_index AS BIGINT) * ${maxBlocks} + r.file_row_number // ${blockRows}`;
  return ` LEFT JOIN (${rows}) AS d ON d.k = ${key}
    WHERE coalesce(get_bit(d.b, CAST(r.file_row_number % ${blockRows} AS INTEGER)), 0) = 0`;
}
