// A published version of a table as a relation of which a query reads the files that it needs. Another tool may have moved its
// rows to other files meanwhile, which is no reason not to find them.
import type { EngineSession, ScanSource } from "../../../compute/engine.ts";
import type { ScanExpression } from "../../../compute/scan-expression.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { AddFile } from "../log/delta-actions.ts";
import { chooseFiles } from "./delta-file-filter.ts";
import { listLog } from "../log/delta-log.ts";
import { lastMaintained } from "../log/delta-maintenance.ts";
import { assertPartitionValues } from "./delta-partition-values.ts";
import { openRelation, relationOf } from "./delta-relation.ts";
import { type DeltaRelationSource, logicalColumns, relationSourceOf } from "./delta-relation-source.ts";
import type { DeltaSnapshot } from "../log/action-reconciliation.ts";
import { readSnapshot } from "../log/delta-snapshot.ts";
import type { TableFiles } from "../store/table-files.ts";
import { tableFilesOf } from "../store/table-files-of.ts";

export interface OpenDeltaScanOptions {
  readonly session: EngineSession;
  readonly version: number;
  /** Folder of this machine for copies of a table that is elsewhere; whoever reads the relation keeps it. */
  readonly spool?: string;
  /** Hears of damage that was got round. */
  warn?(message: string): void;
}

/**
 * Opens the rows of one version; its files are looked for when a query reads them.
 * @throws MillraceError `SOURCE_MISSING` when there is no table, or later when files are gone whose rows are nowhere else;
 * `VALUE_INVALID` for a version that is not there, `DELTA_CORRUPT`, `DELTA_UNSUPPORTED`
 */
export async function openDeltaScan(tablePath: string, options: OpenDeltaScanOptions): Promise<ScanSource> {
  const { session, spool } = options;
  const snapshot = await openExisting(tablePath, options);
  return {
    columns: logicalColumns(snapshot.schema),
    async select(filter) {
      const { source } = await selectFiles(snapshot, options, filter);
      await assertPartitionValues(session, source);
      return relationOf(await openRelation(session, source, spool));
    },
  };
}

/** Looks whether all files of a version are there, without a look into them. @throws MillraceError as `openDeltaScan` and its relation */
export async function assertDeltaFiles(tablePath: string, options: OpenDeltaScanOptions): Promise<void> {
  await selectFiles(await openExisting(tablePath, options), options, undefined);
}

/** @throws MillraceError as `openDeltaScan` */
export async function openExisting(tablePath: string, options: OpenDeltaScanOptions): Promise<DeltaSnapshot> {
  const snapshot = await openSnapshot(tablePath, options);
  if (snapshot !== undefined) return snapshot;
  throw new MillraceError("SOURCE_MISSING", `there is no Delta table at \`${tablePath}\``);
}

/** The version itself, or a later one with the same rows in other files: fewer ones, or, where its log was cleaned up, those that are left. */
async function openSnapshot(tablePath: string, options: OpenDeltaScanOptions): Promise<DeltaSnapshot | undefined> {
  try {
    const snapshot = await readSnapshot(tablePath, options);
    // a later commit that cannot be read is no reason not to read this one
    const later = snapshot && findMaintained(options.session, snapshot, options.version).catch(() => undefined);
    return (await later) ?? snapshot;
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== "DELTA_CORRUPT") throw error;
    const maintained = await findMaintained(options.session, { tablePath }, options.version).catch(() => undefined);
    if (maintained === undefined) throw error;
    return maintained;
  }
}

/** Files that hold all rows that are asked for. */
export interface SelectedFiles {
  readonly source: DeltaRelationSource;
  readonly table: TableFiles;
}

/** The files that a query needs, of the version itself or of a later one with the same rows; all of them are there. */
export async function selectFiles(
  snapshot: DeltaSnapshot,
  { session, version }: OpenDeltaScanOptions,
  filter: ScanExpression | undefined,
): Promise<SelectedFiles> {
  const table = tableFilesOf(snapshot.tablePath);
  const source = await chooseSource(session, snapshot, filter);
  const missing = await findMissing(table, source.files);
  if (missing === undefined) return { source, table };
  const maintained = await findMaintained(session, snapshot, version);
  const again = maintained && (await chooseSource(session, maintained, filter));
  if (again !== undefined && (await findMissing(table, again.files)) === undefined) return { source: again, table };
  throw await missingFile(snapshot, version, missing);
}

async function chooseSource(
  session: EngineSession,
  snapshot: DeltaSnapshot,
  filter: ScanExpression | undefined,
): Promise<DeltaRelationSource> {
  const source = relationSourceOf(snapshot);
  return filter === undefined ? source : { ...source, files: await chooseFiles(session, source, filter) };
}

async function findMissing(table: TableFiles, files: readonly AddFile[]): Promise<string | undefined> {
  return await table.findMissing(files.map(({ path }) => path));
}

/** The newest later version with the same rows. */
async function findMaintained(
  session: EngineSession,
  table: Pick<DeltaSnapshot, "tablePath"> & Partial<Pick<DeltaSnapshot, "metadata">>,
  version: number,
): Promise<DeltaSnapshot | undefined> {
  const { tablePath, metadata } = table;
  const last = await lastMaintained(tablePath, version, metadata?.schemaString);
  return last === version ? undefined : await readSnapshot(tablePath, { session, version: last });
}

async function missingFile({ tablePath }: DeltaSnapshot, version: number, path: string): Promise<MillraceError> {
  const { commits } = await listLog(tablePath);
  const isLatest = (commits.at(-1) ?? version) <= version;
  const what = isLatest ? "has lost a file" : `was vacuumed since version ${version}, which needs a file that is gone`;
  return new MillraceError("SOURCE_MISSING", `the table \`${tablePath}\` ${what}: \`${path}\``);
}
