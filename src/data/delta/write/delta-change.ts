// What changes of single rows in a Delta table have in common: the rows that are there and those that are staged as relations, the
// files that can hold what is looked for, and the files that are written in their place.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import {
  type EngineSession,
  quoteIdentifier,
  quoteLiteral,
  type Row,
  type WrittenFile,
} from "../../../compute/engine.ts";
import type { Comparison, ScanExpression } from "../../../compute/scan-expression.ts";
import type { WriteMode } from "../../../core/dataset/dataset.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { DeltaSnapshot } from "../log/action-reconciliation.ts";
import type { AddFile } from "../log/delta-actions.ts";
import { toFilePath } from "../log/delta-path.ts";
import { assertMergeKeys as assertKeys } from "../../modes/merge-keys.ts";
import { assertPartitionValues } from "../read/delta-partition-values.ts";
import { openRelation, relationOf } from "../read/delta-relation.ts";
import { type DeltaRelationSource, type FileKnowledge, freeName } from "../read/delta-relation-source.ts";
import type { ColumnMapping } from "../schema/delta-column-mapping.ts";
import { findField } from "../schema/delta-schema-contract.ts";
import { type DeltaStruct, toEngineType } from "../schema/delta-schema.ts";
import { writeTableFiles } from "./delta-file-shape.ts";

export interface ChangeInput {
  readonly session: EngineSession;
  readonly mode: WriteMode;
  /** Where the engine finds the files that are read; see `openFiles`. */
  readonly tablePath: string;
  /** The table before, or `undefined` for a new one. */
  readonly snapshot: DeltaSnapshot | undefined;
  /** The table's schema after the change. */
  readonly schema: DeltaStruct;
  readonly partitionBy: readonly string[];
  readonly mapping: ColumnMapping;
  /** Of the files that are read; see `openFiles`. */
  readonly known?: FileKnowledge | undefined;
  readonly key: readonly string[];
  /** The staged rows, as files with absolute paths. */
  readonly staged: readonly AddFile[];
  /** Names of the columns that the staged rows have. */
  readonly stagedColumns: readonly string[];
  readonly stagingDir: string;
  readonly signal?: AbortSignal;
}

export interface ChangeResult {
  /** New rows, and the rows that stay of the files that are removed. */
  readonly written: readonly WrittenFile[];
  readonly removed: readonly AddFile[];
  /** Whether the staged files enter the table beside what is written. */
  readonly takesStaged?: true;
}

/**
 * Refuses keys that are null or occur twice.
 * @throws MillraceError `CHECKS_FAILED`, `SCHEMA_MISMATCH` when a key column is missing
 */
export async function assertMergeKeys(input: ChangeInput): Promise<void> {
  keyColumns(input);
  await assertKeys(input.session, stagedRows(input), input, input.signal);
}

/** That a column has a value between the smallest and the largest one of the staged rows, for each of `names`. */
export async function withinStaged(input: ChangeInput, names: readonly string[]): Promise<ScanExpression[]> {
  const bounds = names.flatMap((name, at) => [
    `min(${quoteIdentifier(name)})::VARCHAR AS min_${at}`,
    `max(${quoteIdentifier(name)})::VARCHAR AS max_${at}`,
  ]);
  const [row = {}] = await input.session.query(
    `SELECT ${bounds.join(", ")} FROM (${stagedRows(input)})`,
    signalOf(input),
  );
  return names.flatMap((name, at): ScanExpression[] => [
    compareColumn(input, name, ">=", row[`min_${at}`]),
    compareColumn(input, name, "<=", row[`max_${at}`]),
  ]);
}

/** @param text of the value; anything else stands for one that is not known */
export function compareColumn(input: ChangeInput, name: string, operator: Comparison, text: unknown): ScanExpression {
  const left = columnOf(input, name);
  const right: ScanExpression =
    typeof text === "string"
      ? { kind: "constant", sql: `CAST(${quoteLiteral(text)} AS ${columnType(input, name)})` }
      : { kind: "unknown" };
  return { kind: "compare", operator, left, right };
}

export function columnOf({ schema }: ChangeInput, name: string): ScanExpression {
  return { kind: "column", index: schema.fields.findIndex((field) => isNamed(field, name)) };
}

/** The name of a column as the table has it, quoted. */
export function columnName({ schema }: ChangeInput, name: string): string {
  return quoteIdentifier(schema.fields.find((field) => isNamed(field, name))?.name ?? name);
}

/** As the engine reads it from the files, where a timestamp is an instant. */
export function columnType({ schema }: ChangeInput, name: string): string {
  return toEngineType(schema.fields.find((field) => isNamed(field, name))?.type ?? "string");
}

function isNamed(field: { readonly name: string }, name: string): boolean {
  return field.name.toLowerCase() === name.toLowerCase();
}

/** Writes rows of the table's shape to the staging folder. */
export async function writeRows(input: ChangeInput, sql: string): Promise<readonly WrittenFile[]> {
  const path = join(input.stagingDir, `${input.mode}-${randomUUID()}`);
  return await writeTableFiles(input.session, sql, input, { path, ...signalOf(input) });
}

/** The files of the table at the paths that `file` of the rows has. */
export function byPath(input: ChangeInput, files: readonly AddFile[], rows: readonly Row[]): AddFile[] {
  const paths = new Set(rows.map((row) => String(row["file"])));
  return files.filter((file) => paths.has(toFilePath(input.tablePath, file.path)));
}

/** One `select` over the staged rows, in the table's shape. */
export function stagedRows(input: ChangeInput): string {
  const { tablePath, schema, partitionBy, staged } = input;
  return relationOf({ tablePath, schema, partitionColumns: partitionBy, files: staged }, { logicalTypes: false });
}

/** One `select` over the rows of files of the table, with a column more that has their file. */
export function tableRows(input: ChangeInput, files: readonly AddFile[]): string {
  return relationOf(tableOf(input, files), {
    logicalTypes: false,
    fileColumn: freeName("__millrace_file", input.schema),
  });
}

/**
 * Lets the engine read files of the table.
 * @returns the input for whatever reads them
 * @throws MillraceError `DELTA_CORRUPT` for values of partitions that are none
 */
export async function openFiles(input: ChangeInput, files: readonly AddFile[]): Promise<ChangeInput> {
  const table = tableOf(input, files);
  await assertPartitionValues(input.session, table);
  const { tablePath, known } = await openRelation(input.session, table, input.stagingDir, signalOf(input));
  return { ...input, tablePath, known };
}

export function tableOf(
  { tablePath, schema, partitionBy, mapping, known }: ChangeInput,
  files: readonly AddFile[],
): DeltaRelationSource {
  return { tablePath, schema, partitionColumns: partitionBy, files, mapping, ...(known && { known }) };
}

/** The column of `tableRows` with the file, quoted. */
export function fileColumn({ schema }: ChangeInput): string {
  return quoteIdentifier(freeName("__millrace_file", schema));
}

/** All columns of the table, quoted. */
export function listFields({ schema }: ChangeInput): readonly string[] {
  return schema.fields.map((field) => quoteIdentifier(field.name));
}

/** The columns of the key, quoted as the table names them. */
export function keyColumns(input: ChangeInput): string[] {
  return input.key.map((name) => {
    const field = findField(input.schema, name);
    if (field !== undefined && hasStaged(input, field.name)) return quoteIdentifier(field.name);
    throw new MillraceError("SCHEMA_MISMATCH", `the rows to merge have no key column, got: \`${name}\``);
  });
}

export function hasStaged(input: ChangeInput, name: string): boolean {
  return input.stagedColumns.some((column) => column.toLowerCase() === name.toLowerCase());
}

export function signalOf({ signal }: ChangeInput): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
