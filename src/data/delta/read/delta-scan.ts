// A published version of a table as a relation of which a query reads the files that it needs. Another tool may have moved its
// rows to other files meanwhile, which is no reason not to find them.
import { access } from "node:fs/promises";
import type { EngineSession, ScanSource } from "../../../compute/engine.ts";
import type { ScanExpression } from "../../../compute/scan-expression.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { AddFile } from "../log/delta-actions.ts";
import { chooseFiles } from "./delta-file-filter.ts";
import { listLog } from "../log/delta-log.ts";
import { lastMaintained } from "../log/delta-maintenance.ts";
import { assertPartitionValues } from "./delta-partition-values.ts";
import { toFilePath } from "../log/delta-path.ts";
import { logicalColumns, relationOf } from "./delta-relation.ts";
import type { DeltaSnapshot } from "../log/action-reconciliation.ts";
import { readSnapshot } from "../log/delta-snapshot.ts";

export interface OpenDeltaScanOptions {
  readonly session: EngineSession;
  readonly version: number;
  /** Hears of damage that was got round. */
  warn?(message: string): void;
}

/**
 * Opens the rows of one version; its files are looked for when a query reads them.
 * @throws MillraceError `SOURCE_MISSING` when there is no table, or later when files are gone whose rows are nowhere else;
 * `VALUE_INVALID` for a version that is not there, `DELTA_CORRUPT`, `DELTA_UNSUPPORTED`
 */
export async function openDeltaScan(tablePath: string, options: OpenDeltaScanOptions): Promise<ScanSource> {
  const { session } = options;
  const snapshot = await openSnapshot(tablePath, options);
  if (snapshot === undefined) {
    throw new MillraceError("SOURCE_MISSING", `there is no Delta table at \`${tablePath}\``);
  }
  return {
    columns: logicalColumns(snapshot.schema),
    async select(filter) {
      const relation = await selectFiles(session, snapshot, filter);
      if (relation.missing === undefined) return relation.sql;
      const maintained = await findMaintained(session, snapshot, options.version);
      const again = maintained && (await selectFiles(session, maintained, filter));
      if (again !== undefined && again.missing === undefined) return again.sql;
      throw await missingFile(snapshot, options.version, relation.missing);
    },
  };
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

interface SelectedFiles {
  readonly sql: string;
  /** The first file that is not there. */
  readonly missing?: string;
}

async function selectFiles(
  session: EngineSession,
  snapshot: DeltaSnapshot,
  filter: ScanExpression | undefined,
): Promise<SelectedFiles> {
  const { tablePath, schema, metadata } = snapshot;
  const source = { tablePath, schema, partitionColumns: metadata.partitionColumns, files: snapshot.files };
  const files = filter === undefined ? source.files : await chooseFiles(session, source, filter);
  const missing = await findMissing(tablePath, files);
  if (missing !== undefined) return { sql: "", missing };
  await assertPartitionValues(session, { ...source, files });
  return { sql: relationOf({ ...source, files }) };
}

/** Files looked for at the same time. */
const batchSize = 64;

async function findMissing(tablePath: string, files: readonly AddFile[]): Promise<string | undefined> {
  for (let start = 0; start < files.length; start += batchSize) {
    const paths = files.slice(start, start + batchSize).map((file) => toFilePath(tablePath, file.path));
    const isThere = await Promise.all(
      paths.map((path) =>
        access(path).then(
          () => true,
          () => false,
        ),
      ),
    );
    const missing = paths.find((_, index) => !isThere[index]);
    if (missing !== undefined) return missing;
  }
  return undefined;
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
