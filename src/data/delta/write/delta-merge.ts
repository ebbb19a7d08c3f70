// Upsert by key: new keys are inserted, rows that differ are replaced, and only files with a replaced row are written again.
// The log says which files can hold a key at all, and a few rows mostly say which of them change.
import { randomUUID } from "node:crypto";
import { quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import type { AddFile } from "../log/delta-actions.ts";
import { toFilePath } from "../log/delta-path.ts";
import { chooseFiles } from "../read/delta-file-filter.ts";
import { freeName } from "../read/delta-relation-source.ts";
import {
  byPath,
  type ChangeInput,
  type ChangeResult,
  fileColumn,
  hasStaged,
  keyColumns,
  listFields,
  openFiles,
  signalOf,
  stagedRows,
  tableOf,
  tableRows,
  withinStaged,
  writeRows,
} from "./delta-change.ts";

/** Writes what the merge changes to the staging folder; nothing written and removed means that no row differs. */
export async function mergeRows(change: ChangeInput): Promise<ChangeResult> {
  const files = await findKeyFiles(change);
  const input = await openFiles(change, files);
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

/** The files that can hold a key of the staged rows, as the log knows it. */
export async function findKeyFiles(input: ChangeInput): Promise<readonly AddFile[]> {
  const table = tableOf(input, input.snapshot?.files ?? []);
  return await chooseFiles(input.session, table, { kind: "and", inputs: await withinStaged(input, input.key) });
}

/** Rows by which most of the files to write again are found at little cost, before every row is compared. */
const sampleSize = 64;

/** Those of `files` that have a row with the key of one of `rows` and other values. */
async function findFiles(input: ChangeInput, files: readonly AddFile[], rows: string): Promise<AddFile[]> {
  const found = await input.session.query(
    `SELECT DISTINCT t.${fileColumn(input)} AS file FROM (${tableRows(input, files)}) AS t
      JOIN (${rows}) AS s USING (${keyColumns(input).join(", ")}) WHERE NOT (${sameSql(input)})`,
    signalOf(input),
  );
  return byPath(input, files, found);
}

/** One row for each pair of a table row and a staged row with its key: which file, and whether they are equal. */
function matchSql(input: ChangeInput, files: readonly AddFile[]): string {
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
async function findChanged(input: ChangeInput, files: readonly AddFile[], matches: string): Promise<AddFile[]> {
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
function equalKeys(input: ChangeInput, matches: string, files: readonly AddFile[]): string | undefined {
  if (files.length === 0) return undefined;
  const paths = files.map((file) => quoteLiteral(toFilePath(input.tablePath, file.path)));
  return `SELECT ${keyColumns(input).join(", ")} FROM ${matches} WHERE ${fileColumn(input)} IN (${paths.join(", ")})`;
}

/** Writes the rows of the `removed` files again, with the staged rows in place of theirs, and the staged rows that are new. */
async function writeChanges(input: ChangeInput, removed: readonly AddFile[], equal?: string): Promise<ChangeResult> {
  const keys = keyColumns(input).join(", ");
  const staged = stagedRows(input);
  const changed = equal === undefined ? staged : `SELECT * FROM (${staged}) ANTI JOIN (${equal}) USING (${keys})`;
  const upserts = addKept(input, changed, removed);
  const list = listFields(input).join(", ");
  const survivors = `SELECT ${list} FROM (${tableRows(input, removed)}) ANTI JOIN (${staged}) USING (${keys})`;
  const written = await writeRows(input, removed.length === 0 ? upserts : `${survivors} UNION ALL (${upserts})`);
  return { written, removed };
}

/** The changed rows, with the table's values of columns that the staged rows lack. */
function addKept(input: ChangeInput, changed: string, removed: readonly AddFile[]): string {
  const kept = keptColumns(input);
  const list = listFields(input);
  if (kept.length === 0 || removed.length === 0) return `SELECT ${list.join(", ")} FROM (${changed})`;
  const keys = keyColumns(input).join(", ");
  const values = list.map((column) => (kept.includes(column) ? `k.${column}` : `c.${column}`));
  const first = kept.map((column) => `first(${column}) AS ${column}`);
  return `SELECT ${values.join(", ")} FROM (${changed}) AS c LEFT JOIN (
    SELECT ${keys}, ${first.join(", ")} FROM (${tableRows(input, removed)})
    SEMI JOIN (${stagedRows(input)}) USING (${keys}) GROUP BY ${keys}) AS k USING (${keys})`;
}

function sameColumn({ schema }: ChangeInput): string {
  return quoteIdentifier(freeName("__millrace_same", schema));
}

/** Tells whether table row `t` holds what staged row `s` says. */
function sameSql(input: ChangeInput): string {
  return input.schema.fields
    .filter((field) => hasStaged(input, field.name))
    .map((field) => quoteIdentifier(field.name))
    .map((column) => `t.${column} IS NOT DISTINCT FROM s.${column}`)
    .join(" AND ");
}

function keptColumns(input: ChangeInput): string[] {
  return input.schema.fields
    .filter((field) => !hasStaged(input, field.name))
    .map((field) => quoteIdentifier(field.name));
}
