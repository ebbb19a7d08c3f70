// The rows that commits changed, each with what became of it. Where the writer kept them, they are read as it wrote them; else they
// are what the files that left and the files that came do not have in common.
import { type EngineSession, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { DeltaSnapshot } from "../log/action-reconciliation.ts";
import type { AddFile } from "../log/delta-actions.ts";
import { toFilePath } from "../log/delta-path.ts";
import { findField } from "../schema/delta-schema-contract.ts";
import type { DeltaField, DeltaStruct } from "../schema/delta-schema.ts";
import { type CommitChanges, goneHint, listChanges } from "./list-changes.ts";
import { assertPartitionValues } from "./delta-partition-values.ts";
import { emptyDeltaRelation, openRelation, relationOf } from "./delta-relation.ts";
import { freeName, relationSourceOf } from "./delta-relation-source.ts";
import { tableFilesOf } from "../store/table-files-of.ts";
import { logPathsOf } from "../vectors/vector-path.ts";

/** Columns of changes beside those of the table. */
export const changeColumns = ["_change_type", "_commit_version", "_commit_timestamp"] as const;

export interface ChangeInput {
  readonly session: EngineSession;
  /** The table at the last of the versions, whose columns the rows have. */
  readonly snapshot: DeltaSnapshot;
  /** The first version whose changes are wanted. */
  readonly from: number;
  /** Folder for copies of a table that is elsewhere, kept as long as the relation. */
  readonly spool?: string;
}

/**
 * One `SELECT` with the changes of all versions from `from` to that of the snapshot, in no order. `_change_type` is `insert`,
 * `delete`, `update_preimage` or `update_postimage`.
 * @throws MillraceError `SOURCE_MISSING` for a version whose log or files are gone, `DELTA_CORRUPT`, `VALUE_INVALID` for a table that has
 * columns of these names
 */
export async function deltaChanges(input: ChangeInput): Promise<string> {
  const { session, snapshot, from } = input;
  assertFreeNames(snapshot);
  const commits = await listChanges(session, snapshot, from);
  for (const { version, added, removed, changed } of commits) {
    const files = [...added, ...removed, ...changed];
    await assertFilesThere(snapshot.tablePath, version, files);
    await assertPartitionValues(session, { ...relationSourceOf(snapshot), files });
  }
  const appended = commits.filter(({ removed, changed }) => removed.length === 0 && changed.length === 0);
  const parts = await appendedRows(input, appended);
  for (const commit of commits) if (!appended.includes(commit)) parts.push(...(await changedRows(input, commit)));
  if (parts.length > 0) return parts.join(" UNION ALL BY NAME ");
  return `SELECT *, ${stampOf("CAST(NULL AS VARCHAR)", 0, 0)} FROM (${emptyDeltaRelation(snapshot)})`;
}

/** Commits that only add files are one scan, however many they are. */
async function appendedRows(input: ChangeInput, commits: readonly CommitChanges[]): Promise<string[]> {
  const { session, snapshot, spool } = input;
  const files = commits.flatMap(({ added }) => added);
  if (files.length === 0) return [];
  const source = await openRelation(session, { ...relationSourceOf(snapshot), files }, spool);
  const name = freeName("__millrace_changed_file", snapshot.schema);
  const [file, version, at] = [name, "version", "at"].map(quoteIdentifier);
  const values = commits.flatMap((commit) =>
    commit.added.map(
      ({ path }) => `(${quoteLiteral(toFilePath(source.tablePath, path))}, ${commit.version}, ${timeOf(commit.atMs)})`,
    ),
  );
  const rows = relationOf(source, { fileColumn: name });
  return [
    `SELECT r.* EXCLUDE (${file}), 'insert' AS _change_type, CAST(c.${version} AS BIGINT) AS _commit_version, c.${at} AS _commit_timestamp
      FROM (${rows}) AS r JOIN (VALUES ${values.join(", ")}) AS c(${file}, ${version}, ${at}) USING (${file})`,
  ];
}

async function changedRows(
  input: ChangeInput,
  { version, atMs, added, removed, changed }: CommitChanges,
): Promise<string[]> {
  if (changed.length > 0) {
    const written = { ...input, snapshot: withChangeType(input.snapshot) };
    return [`SELECT *, ${stampOf(undefined, version, atMs)} FROM (${await rowsOf(written, changed)})`];
  }
  const [after, before] = [await rowsOf(input, added), await rowsOf(input, removed)];
  return [
    `SELECT *, ${stampOf("'insert'", version, atMs)} FROM ((${after}) EXCEPT ALL (${before}))`,
    `SELECT *, ${stampOf("'delete'", version, atMs)} FROM ((${before}) EXCEPT ALL (${after}))`,
  ];
}

async function rowsOf({ session, snapshot, spool }: ChangeInput, files: readonly AddFile[]): Promise<string> {
  return relationOf(await openRelation(session, { ...relationSourceOf(snapshot), files }, spool));
}

function withChangeType(snapshot: DeltaSnapshot): DeltaSnapshot {
  const type: DeltaField = { name: changeColumns[0], type: "string", nullable: true, metadata: {} };
  const schema: DeltaStruct = { ...snapshot.schema, fields: [...snapshot.schema.fields, type] };
  return { ...snapshot, schema };
}

function stampOf(type: string | undefined, version: number, atMs: number): string {
  const list = [`CAST(${version} AS BIGINT) AS _commit_version`, `${timeOf(atMs)} AS _commit_timestamp`];
  return (type === undefined ? list : [`${type} AS _change_type`, ...list]).join(", ");
}

function timeOf(atMs: number): string {
  return `make_timestamptz(${Math.round(atMs)} * 1000)`;
}

function assertFreeNames({ tablePath, schema }: DeltaSnapshot): void {
  const taken = changeColumns.find((name) => findField(schema, name) !== undefined);
  if (taken === undefined) return;
  throw new MillraceError("VALUE_INVALID", `\`${tablePath}\` has a column of its own that is called \`${taken}\``, {
    hint: "changes are told with a column of this name; rename the table's",
  });
}

async function assertFilesThere(tablePath: string, version: number, files: readonly AddFile[]): Promise<void> {
  const missing = await tableFilesOf(tablePath).findMissing(files.flatMap(logPathsOf));
  if (missing === undefined) return;
  throw new MillraceError(
    "SOURCE_MISSING",
    `the changes of version ${version} of \`${tablePath}\` are gone: it was vacuumed, and they need \`${missing}\``,
    { hint: goneHint },
  );
}
