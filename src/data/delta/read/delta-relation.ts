// A snapshot as a relation the engine can read: typed by the table's schema whatever the files hold,
// with partition values from the log, nulls for columns that older files lack, and without the rows that are deleted.
import { type Column, type EngineSession, quoteIdentifier } from "../../../compute/engine.ts";
import type { FileAccess } from "../../../connections/files/file-service.ts";
import type { DeltaSnapshot } from "../log/action-reconciliation.ts";
import { type DeltaField, toEngineType } from "../schema/delta-schema.ts";
import { tableFilesOf } from "../store/table-files-of.ts";
import { readDeletedRows } from "../vectors/deletion-vector.ts";
import { logPathsOf } from "../vectors/vector-path.ts";
import { readFileLayouts } from "./delta-file-layout.ts";
import { filesSql } from "./delta-files-sql.ts";
import {
  type DeltaRelationSource,
  type FileKnowledge,
  isZoneless,
  logicalColumns,
  relationSourceOf,
} from "./delta-relation-source.ts";

export interface DeltaRelationOptions {
  /** Adds a column with the path of each row's file. */
  readonly fileColumn?: string;
  /** Gives instants that were `TIMESTAMP` before staging back as such. Default true. */
  readonly logicalTypes?: boolean;
}

/**
 * The rows of a snapshot as one `SELECT`. Sessions must be in UTC.
 * @param spool folder for copies of a table that is elsewhere, kept as long as the relation
 * @throws MillraceError as `openRelation`
 */
export async function deltaRelation(session: EngineSession, snapshot: DeltaSnapshot, spool?: string): Promise<string> {
  return relationOf(await openRelation(session, relationSourceOf(snapshot), spool));
}

/**
 * Lets the engine read files of a table, and finds out what has to be known of them.
 * @param spool folder for copies of a table that is elsewhere
 * @throws MillraceError as `lookInto`
 */
export async function openRelation(
  session: EngineSession,
  source: DeltaRelationSource,
  spool: string | undefined,
  access: FileAccess = {},
): Promise<DeltaRelationSource & { readonly known: FileKnowledge }> {
  const tablePath = await tableFilesOf(source.tablePath).open(source.files.flatMap(logPathsOf), spool, access);
  const opened = { ...source, tablePath };
  return { ...opened, known: await lookInto(session, opened) };
}

/**
 * Reads what has to be known of the files of a table before their rows are: which of these are deleted, and where columns
 * with an id are.
 * @throws MillraceError `DELTA_CORRUPT` naming the file, `SOURCE_MISSING` when the file of a deletion vector is gone
 */
async function lookInto(session: EngineSession, source: DeltaRelationSource): Promise<FileKnowledge> {
  const layouts = source.mapping === "id" ? await readFileLayouts(session, source) : new Map<never, never>();
  return { layouts, deleted: await readDeletedRows(source.tablePath, source.files) };
}

/** A `SELECT` with the columns of a snapshot and no row, which opens no file. */
export function emptyDeltaRelation({ schema }: DeltaSnapshot): string {
  return emptyRows(logicalColumns(schema));
}

/** The rows of files as one `SELECT`; files with a deletion vector or columns with ids need `lookInto` before. */
export function relationOf(source: DeltaRelationSource, options: DeltaRelationOptions = {}): string {
  const { fields } = source.schema;
  const { fileColumn } = options;
  const list = fields.map((field) => `${outputOf(field, options)} AS ${quoteIdentifier(field.name)}`);
  if (fileColumn !== undefined) list.push(quoteIdentifier(fileColumn));
  return `SELECT ${list.join(", ")} FROM (${rowsOf(source, fileColumn)})`;
}

function rowsOf(source: DeltaRelationSource, fileColumn: string | undefined): string {
  if (source.files.length > 0) return filesSql(source, fileColumn);
  const columns = source.schema.fields.map(({ name, type }) => ({ name, type: toEngineType(type) }));
  return emptyRows(fileColumn === undefined ? columns : [...columns, { name: fileColumn, type: "VARCHAR" }]);
}

function emptyRows(columns: readonly Column[]): string {
  const list = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteIdentifier(name)}`);
  return `SELECT ${list.join(", ")} WHERE false`;
}

function outputOf(field: DeltaField, { logicalTypes = true }: DeltaRelationOptions): string {
  const name = quoteIdentifier(field.name);
  if (!logicalTypes || !isZoneless(field)) return name;
  // as a cast in UTC, but 20 times as fast
  return `CASE WHEN isfinite(${name}) THEN make_timestamp(epoch_us(${name})) ELSE CAST(${name} AS TIMESTAMP) END`;
}
