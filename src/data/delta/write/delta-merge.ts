// Upsert by key: new keys are inserted, rows that differ are replaced, and only files with a replaced row are written again.
// The log says which files can hold a key at all, and a few rows mostly say which of them change.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import {
  type EngineSession,
  quoteIdentifier,
  quoteLiteral,
  type Row,
  type WrittenFile,
} from "../../../compute/engine.ts";
import type { ScanExpression } from "../../../compute/scan-expression.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { AddFile } from "../log/delta-actions.ts";
import { assertMergeKeys as assertKeys } from "../../merge-keys.ts";
import { chooseFiles } from "../read/delta-file-filter.ts";
import { assertPartitionValues } from "../read/delta-partition-values.ts";
import { toFilePath } from "../log/delta-path.ts";
import { type DeltaRelationSource, freeName, relationOf } from "../read/delta-relation.ts";
import type { DeltaSnapshot } from "../log/action-reconciliation.ts";
import { findField } from "../schema/delta-schema-contract.ts";
import { type DeltaStruct, toEngineType } from "../schema/delta-schema.ts";

export interface MergeInput {
  readonly session: EngineSession;
  readonly tablePath: string;
  /** The table before, or `undefined` for a new one. */
  readonly snapshot: DeltaSnapshot | undefined;
  /** The table's schema after the merge. */
  readonly schema: DeltaStruct;
  readonly partitionBy: readonly string[];
  readonly key: readonly string[];
  /** The staged rows, as files with absolute paths. */
  readonly staged: readonly AddFile[];
  /** Names of the columns that the staged rows have; others keep their values. */
  readonly stagedColumns: readonly string[];
  readonly stagingDir: string;
  readonly signal?: AbortSignal;
}

export interface MergeResult {
  /** Replaced and new rows, and the rows that shared a file with a replaced one. */
  readonly written: readonly WrittenFile[];
  readonly removed: readonly AddFile[];
}

/**
 * Refuses keys that are null or occur twice.
 * @throws MillraceError `CHECKS_FAILED`, `SCHEMA_MISMATCH` when a key column is missing
 */
export async function assertMergeKeys(input: MergeInput): Promise<void> {
  keyColumns(input);
  await assertKeys(input.session, stagedRows(input), input.key, input.signal);
}

/** Writes what the merge changes to the staging folder; nothing written and removed means that no row differs. */
export async function mergeRows(input: MergeInput): Promise<MergeResult> {
  const files = await findCandidates(input);
  await assertPartitionValues(input.session, tableOf(input, files));
  const sampled = await findFiles(input, files, `SELECT * FROM (${stagedRows(input)}) LIMIT ${sampleSize}`);
  const others = files.filter((file) => !sampled.includes(file));
  if (others.length === 0) return await writeChanges(input, sampled);
  const matches = `millrace_merge_${randomUUID().replaceAll("-", "")}`;
  try {
    await input.session.materialize(matches, matchSql(input, others), signalOf(input));
    const removed = [...sampled, ...(await findChanged(input, others, matches))];
    const kept = others.filter((file) => !removed.includes(file));
    return await writeChanges(input, removed, equalKeys(input, matches, kept));
  } finally {
    await input.session.execute(`DROP TABLE IF EXISTS ${matches}`);
  }
}

/** Rows by which most of the files to write again are found at little cost, before every row is compared. */
const sampleSize = 64;

/** The files that can hold a key of the staged rows, as the log knows it. */
async function findCandidates(input: MergeInput): Promise<readonly AddFile[]> {
  const table = tableOf(input, input.snapshot?.files ?? []);
  const bounds = keyColumns(input).flatMap((key, at) => [
    `min(${key})::VARCHAR AS min_${at}`,
    `max(${key})::VARCHAR AS max_${at}`,
  ]);
  const [row = {}] = await input.session.query(
    `SELECT ${bounds.join(", ")} FROM (${stagedRows(input)})`,
    signalOf(input),
  );
  const inputs = input.key.flatMap((name, at): ScanExpression[] => {
    const index = input.schema.fields.findIndex((field) => field.name.toLowerCase() === name.toLowerCase());
    const left: ScanExpression = { kind: "column", index };
    const type = toEngineType(input.schema.fields[index]?.type ?? "string");
    const bound = (side: "min" | "max"): ScanExpression => {
      const text = row[`${side}_${at}`];
      return typeof text === "string"
        ? { kind: "constant", sql: `CAST(${quoteLiteral(text)} AS ${type})` }
        : { kind: "unknown" };
    };
    return [
      { kind: "compare", operator: ">=", left, right: bound("min") },
      { kind: "compare", operator: "<=", left, right: bound("max") },
    ];
  });
  return await chooseFiles(input.session, table, { kind: "and", inputs });
}

/** Those of `files` that have a row with the key of one of `rows` and other values. */
async function findFiles(input: MergeInput, files: readonly AddFile[], rows: string): Promise<AddFile[]> {
  const found = await input.session.query(
    `SELECT DISTINCT t.${fileColumn(input)} AS file FROM (${tableRows(input, files)}) AS t
      JOIN (${rows}) AS s USING (${keyColumns(input).join(", ")}) WHERE NOT (${sameSql(input)})`,
    signalOf(input),
  );
  return byPath(input, files, found);
}

/** One row for each pair of a table row and a staged row with its key: which file, and whether they are equal. */
function matchSql(input: MergeInput, files: readonly AddFile[]): string {
  const keys = keyColumns(input);
  const list = [
    ...keys.map((key) => `t.${key}`),
    `t.${fileColumn(input)}`,
    `(${sameSql(input)}) AS ${sameColumn(input)}`,
  ];
  return `SELECT ${list.join(", ")} FROM (${tableRows(input, files)}) AS t
    JOIN (${stagedRows(input)}) AS s USING (${keys.join(", ")})`;
}

/** Those of `files` with a row that changes. A key that they hold twice becomes one row, even if one is equal. */
async function findChanged(input: MergeInput, files: readonly AddFile[], matches: string): Promise<AddFile[]> {
  const keys = keyColumns(input).join(", ");
  const repeated = `SELECT ${keys} FROM ${matches} GROUP BY ${keys} HAVING count(*) > 1`;
  const file = fileColumn(input);
  const found = await input.session.query(
    `SELECT DISTINCT ${file} AS file FROM ${matches} WHERE NOT ${sameColumn(input)}
      UNION SELECT ${file} FROM ${matches} SEMI JOIN (${repeated}) USING (${keys})`,
    signalOf(input),
  );
  return byPath(input, files, found);
}

/** Keys of the rows that stay as they are, in files that stay. */
function equalKeys(input: MergeInput, matches: string, files: readonly AddFile[]): string | undefined {
  if (files.length === 0) return undefined;
  const paths = files.map((file) => quoteLiteral(toFilePath(input.tablePath, file.path)));
  return `SELECT ${keyColumns(input).join(", ")} FROM ${matches} WHERE ${fileColumn(input)} IN (${paths.join(", ")})`;
}

/** Writes the rows of the `removed` files again, with the staged rows in place of theirs, and the staged rows that are new. */
async function writeChanges(input: MergeInput, removed: readonly AddFile[], equal?: string): Promise<MergeResult> {
  const keys = keyColumns(input).join(", ");
  const staged = stagedRows(input);
  const changed = equal === undefined ? staged : `SELECT * FROM (${staged}) ANTI JOIN (${equal}) USING (${keys})`;
  const upserts = addKept(input, changed, removed);
  const list = input.schema.fields.map((field) => quoteIdentifier(field.name)).join(", ");
  const survivors = `SELECT ${list} FROM (${tableRows(input, removed)}) ANTI JOIN (${staged}) USING (${keys})`;
  const folder = join(input.stagingDir, `merge-${randomUUID()}`);
  const written = await input.session.writeParquet(
    removed.length === 0 ? upserts : `${survivors} UNION ALL (${upserts})`,
    {
      path: input.partitionBy.length === 0 ? `${folder}.parquet` : folder,
      partitionBy: input.partitionBy,
      ...signalOf(input),
    },
  );
  return { written: written.filter((file) => file.rows > 0), removed };
}

/** The changed rows, with the table's values of columns that the staged rows lack. */
function addKept(input: MergeInput, changed: string, removed: readonly AddFile[]): string {
  const kept = keptColumns(input);
  const list = input.schema.fields.map((field) => quoteIdentifier(field.name));
  if (kept.length === 0 || removed.length === 0) return `SELECT ${list.join(", ")} FROM (${changed})`;
  const keys = keyColumns(input).join(", ");
  const values = list.map((column) => (kept.includes(column) ? `k.${column}` : `c.${column}`));
  const first = kept.map((column) => `first(${column}) AS ${column}`);
  return `SELECT ${values.join(", ")} FROM (${changed}) AS c LEFT JOIN (
    SELECT ${keys}, ${first.join(", ")} FROM (${tableRows(input, removed)})
    SEMI JOIN (${stagedRows(input)}) USING (${keys}) GROUP BY ${keys}) AS k USING (${keys})`;
}

function fileColumn({ schema }: MergeInput): string {
  return quoteIdentifier(freeName("__millrace_file", schema));
}

function sameColumn({ schema }: MergeInput): string {
  return quoteIdentifier(freeName("__millrace_same", schema));
}

/** Tells whether table row `t` holds what staged row `s` says. */
function sameSql(input: MergeInput): string {
  return input.schema.fields
    .filter((field) => hasStaged(input, field.name))
    .map((field) => quoteIdentifier(field.name))
    .map((column) => `t.${column} IS NOT DISTINCT FROM s.${column}`)
    .join(" AND ");
}

function byPath(input: MergeInput, files: readonly AddFile[], rows: readonly Row[]): AddFile[] {
  const paths = new Set(rows.map((row) => String(row["file"])));
  return files.filter((file) => paths.has(toFilePath(input.tablePath, file.path)));
}

function stagedRows(input: MergeInput): string {
  return relationOf(tableOf(input, input.staged), { logicalTypes: false });
}

function tableRows(input: MergeInput, files: readonly AddFile[]): string {
  return relationOf(tableOf(input, files), {
    logicalTypes: false,
    fileColumn: freeName("__millrace_file", input.schema),
  });
}

function tableOf({ tablePath, schema, partitionBy }: MergeInput, files: readonly AddFile[]): DeltaRelationSource {
  return { tablePath, schema, partitionColumns: partitionBy, files };
}

function keyColumns(input: MergeInput): string[] {
  return input.key.map((name) => {
    const field = findField(input.schema, name);
    if (field !== undefined && hasStaged(input, field.name)) return quoteIdentifier(field.name);
    throw new MillraceError("SCHEMA_MISMATCH", `the rows to merge have no key column, got: \`${name}\``);
  });
}

function keptColumns(input: MergeInput): string[] {
  return input.schema.fields
    .filter((field) => !hasStaged(input, field.name))
    .map((field) => quoteIdentifier(field.name));
}

function hasStaged(input: MergeInput, name: string): boolean {
  return input.stagedColumns.some((column) => column.toLowerCase() === name.toLowerCase());
}

function signalOf({ signal }: MergeInput): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
