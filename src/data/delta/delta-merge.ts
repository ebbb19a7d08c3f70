// Upsert by key: new keys are inserted, rows that differ are replaced, and only files with a replaced row are written again.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type EngineSession, quoteIdentifier, type WrittenFile } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors.ts";
import type { AddFile } from "./delta-actions.ts";
import { toFilePath } from "./delta-path.ts";
import { relationOf } from "./delta-relation.ts";
import type { DeltaSnapshot } from "./delta-replay.ts";
import { findField } from "./delta-schema-contract.ts";
import type { DeltaStruct } from "./delta-schema.ts";

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
  const columns = keyColumns(input);
  const rows = stagedRows(input);
  const anyNull = columns.map((column) => `${column} IS NULL`).join(" OR ");
  const [found] = await input.session.query(
    `SELECT (SELECT count(*) FROM (${rows}) WHERE ${anyNull}) AS nulls,
      (SELECT count(*) FROM (SELECT 1 FROM (${rows}) GROUP BY ${columns.join(", ")} HAVING count(*) > 1)) AS repeated`,
    signalOf(input),
  );
  const key = input.key.map((name) => `\`${name}\``).join(", ");
  if (found?.["nulls"] !== 0n) {
    throw new MillraceError(
      "CHECKS_FAILED",
      `rows to merge have a null in the key ${key}, rows: \`${String(found?.["nulls"])}\``,
      {
        hint: "filter these rows out, or choose a key that is never null",
      },
    );
  }
  if (found["repeated"] !== 0n) {
    throw new MillraceError(
      "CHECKS_FAILED",
      `rows to merge repeat the key ${key}, keys: \`${String(found["repeated"])}\``,
      {
        hint: "keep one row for each key, e.g. with `qualify row_number() over (partition by …) = 1`",
      },
    );
  }
}

/** Writes what the merge changes to the staging folder; nothing written and removed means that no row differs. */
export async function mergeRows(input: MergeInput): Promise<MergeResult> {
  const name = `millrace_merge_${randomUUID().replaceAll("-", "")}`;
  const matches = quoteIdentifier(name);
  try {
    await input.session.execute(`CREATE TEMPORARY TABLE ${matches} AS ${matchSql(input)}`, signalOf(input));
    return await writeChanges(input, matches);
  } finally {
    await input.session.execute(`DROP TABLE IF EXISTS ${matches}`);
  }
}

const fileColumn = "__millrace_file";
const sameColumn = "__millrace_same";

/** One row for each pair of a table row and a staged row with its key: which file, whether equal, and what only the table has. */
function matchSql(input: MergeInput): string {
  const keys = keyColumns(input);
  const compared = input.schema.fields
    .filter((field) => hasStaged(input, field.name))
    .map((field) => quoteIdentifier(field.name));
  const same = compared.map((column) => `t.${column} IS NOT DISTINCT FROM s.${column}`).join(" AND ");
  const kept = keptColumns(input).map((column) => `t.${column}`);
  const list = [...keys.map((key) => `t.${key}`), `t.${fileColumn}`, `(${same}) AS ${sameColumn}`, ...kept];
  return `SELECT ${list.join(", ")} FROM (${tableRows(input, input.snapshot?.files ?? [])}) AS t
    JOIN (${stagedRows(input)}) AS s USING (${keys.join(", ")})`;
}

async function writeChanges(input: MergeInput, matches: string): Promise<MergeResult> {
  const keys = keyColumns(input).join(", ");
  // a key with two rows in the table becomes one row, even if one of the two is equal
  const unchanged = `SELECT ${keys} FROM ${matches} GROUP BY ${keys} HAVING bool_and(${sameColumn}) AND count(*) = 1`;
  const changed = `SELECT s.* FROM (${stagedRows(input)}) AS s ANTI JOIN (${unchanged}) AS u USING (${keys})`;
  const touched = await input.session.query(
    `SELECT DISTINCT m.${fileColumn} AS file FROM ${matches} AS m ANTI JOIN (${unchanged}) AS u USING (${keys})`,
    signalOf(input),
  );
  const paths = new Set(touched.map((row) => String(row["file"])));
  const removed = (input.snapshot?.files ?? []).filter((file) => paths.has(toFilePath(input.tablePath, file.path)));
  const list = input.schema.fields.map((field) => quoteIdentifier(field.name));
  const values = list.map((column) => (keptColumns(input).includes(column) ? `k.${column}` : `c.${column}`));
  const kept = keptColumns(input).map((column) => `, first(${column}) AS ${column}`);
  const upserts = `SELECT ${values.join(", ")} FROM (${changed}) AS c
    LEFT JOIN (SELECT ${keys}${kept.join("")} FROM ${matches} GROUP BY ${keys}) AS k USING (${keys})`;
  const survivors = `SELECT ${list.join(", ")} FROM (${tableRows(input, removed)}) AS t
    ANTI JOIN (${changed}) AS c USING (${keys})`;
  const sql = removed.length === 0 ? upserts : `${survivors} UNION ALL (${upserts})`;
  const folder = join(input.stagingDir, `merge-${randomUUID()}`);
  const written = await input.session.writeParquet(sql, {
    path: input.partitionBy.length === 0 ? `${folder}.parquet` : folder,
    partitionBy: input.partitionBy,
    ...signalOf(input),
  });
  return { written: written.filter((file) => file.rows > 0), removed };
}

function stagedRows(input: MergeInput): string {
  return relationOf(
    { tablePath: input.tablePath, schema: input.schema, partitionColumns: input.partitionBy, files: input.staged },
    { logicalTypes: false },
  );
}

function tableRows(input: MergeInput, files: readonly AddFile[]): string {
  return relationOf(
    { tablePath: input.tablePath, schema: input.schema, partitionColumns: input.partitionBy, files },
    { logicalTypes: false, fileColumn },
  );
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
