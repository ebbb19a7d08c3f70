// A published version of a table as a relation of which a query reads the files that it needs. Another tool may have moved its
// rows to other files meanwhile, which is no reason not to find them.
import { access } from "node:fs/promises";
import type { EngineSession, ScanSource } from "../../../compute/engine.ts";
import type { ScanExpression } from "../../../compute/scan-expression.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { Action, AddFile } from "../log/delta-actions.ts";
import { chooseFiles } from "./delta-file-filter.ts";
import { listLog, readCommit } from "../log/delta-log.ts";
import { assertPartitionValues } from "./delta-partition-values.ts";
import { toFilePath } from "../log/delta-path.ts";
import { lookInto, relationOf } from "./delta-relation.ts";
import { logicalColumns, relationSourceOf } from "./delta-relation-source.ts";
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

/** The version itself, or, where its log has been cleaned up, a later one with the same rows. */
async function openSnapshot(tablePath: string, options: OpenDeltaScanOptions): Promise<DeltaSnapshot | undefined> {
  try {
    return await readSnapshot(tablePath, options);
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
  const source = relationSourceOf(snapshot);
  const files = filter === undefined ? source.files : await chooseFiles(session, source, filter);
  const missing = await findMissing(snapshot.tablePath, files);
  if (missing !== undefined) return { sql: "", missing };
  await assertPartitionValues(session, { ...source, files });
  const chosen = { ...source, files };
  return { sql: relationOf({ ...chosen, known: await lookInto(session, chosen) }) };
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

/** The newest later version with the same rows: all commits up to it have only moved rows from file to file. */
async function findMaintained(
  session: EngineSession,
  table: Pick<DeltaSnapshot, "tablePath"> & Partial<Pick<DeltaSnapshot, "metadata">>,
  version: number,
): Promise<DeltaSnapshot | undefined> {
  const { tablePath } = table;
  let last = version;
  for (;;) {
    const actions = await readCommit(tablePath, last + 1);
    if (actions === undefined || !actions.every((action) => movesRowsOnly(action, table.metadata?.schemaString))) break;
    last += 1;
  }
  return last === version ? undefined : await readSnapshot(tablePath, { session, version: last });
}

function movesRowsOnly({ add, remove, metaData }: Action, schemaString: string | undefined): boolean {
  if (metaData && metaData.schemaString !== schemaString) return false;
  return [add, remove].every((file) => !file || file.dataChange === false);
}

async function missingFile({ tablePath }: DeltaSnapshot, version: number, path: string): Promise<MillraceError> {
  const { commits } = await listLog(tablePath);
  const isLatest = (commits.at(-1) ?? version) <= version;
  const what = isLatest ? "has lost a file" : `was vacuumed since version ${version}, which needs a file that is gone`;
  return new MillraceError("SOURCE_MISSING", `the table \`${tablePath}\` ${what}: \`${path}\``);
}
