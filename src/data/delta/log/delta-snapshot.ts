// One version of a Delta table, made from the newest usable checkpoint and the commits after it.
// A commit that is missing in between is an error: rows would be lost in silence. A broken checkpoint is none, as long as
// an earlier one or the commits alone give the same state.
import type { EngineSession } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { readCheckpoint } from "./delta-checkpoint.ts";
import { commitTimestamp, listLog, type LogCheckpoint, type LogListing, readCommit } from "./delta-log.ts";
import { ActionReconciliation, type DeltaSnapshot } from "./action-reconciliation.ts";

export interface ReadSnapshotOptions {
  /** Reads checkpoints. */
  readonly session: EngineSession;
  /** Default: the latest. */
  readonly version?: number;
  /** The newest version committed at or before this instant. */
  readonly timestamp?: Date;
  /** Hears of damage that the snapshot got round. */
  warn?(message: string): void;
}

/**
 * Reads a version of the table at an absolute path, or `undefined` when there is no table.
 * @throws MillraceError `DELTA_CORRUPT` for a gap or a broken log, `DELTA_UNSUPPORTED` for newer features, `VALUE_INVALID` for a version that is not there
 */
export async function readSnapshot(
  tablePath: string,
  options: ReadSnapshotOptions,
): Promise<DeltaSnapshot | undefined> {
  const log = await listLog(tablePath);
  const latest = Math.max(log.commits.at(-1) ?? -1, log.checkpoints.at(-1)?.version ?? -1);
  if (latest < 0) return undefined;
  const version = await chooseVersion(tablePath, log, latest, options);
  const reconciliation = await startReconciliation(tablePath, log, version, options);
  for (const commits of batches(reconciliation.next, version)) {
    const read = await Promise.all(commits.map((commit) => readCommit(tablePath, commit)));
    for (const [index, actions] of read.entries())
      reconciliation.state.apply(actions ?? gap(tablePath, commits[index] ?? version));
  }
  return reconciliation.state.toSnapshot(version);
}

interface StartedReconciliation {
  readonly state: ActionReconciliation;
  /** The first commit that is still to be applied. */
  readonly next: number;
}

/** The state at the newest checkpoint that can be read, else an empty one, when all commits after it are there. */
async function startReconciliation(
  tablePath: string,
  log: LogListing,
  version: number,
  options: ReadSnapshotOptions,
): Promise<StartedReconciliation> {
  const usable = log.checkpoints.filter((checkpoint) => checkpoint.version <= version).toReversed();
  let broken: MillraceError | undefined;
  for (const checkpoint of usable) {
    assertNoGap(tablePath, log, checkpoint, version, broken);
    try {
      const state = new ActionReconciliation(tablePath);
      state.apply(await readCheckpoint(options.session, checkpoint));
      return { state, next: checkpoint.version + 1 };
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== "DELTA_CORRUPT") throw error;
      broken ??= error;
      options.warn?.(`${error.message}; the log before it was read instead`);
    }
  }
  assertNoGap(tablePath, log, undefined, version, broken);
  return { state: new ActionReconciliation(tablePath), next: 0 };
}

/** The latest version, given an earlier one: reads only the commits made since. */
export async function advanceSnapshot(snapshot: DeltaSnapshot): Promise<DeltaSnapshot> {
  const reconciliation = new ActionReconciliation(snapshot.tablePath, snapshot);
  let version = snapshot.version;
  for (;;) {
    const actions = await readCommit(snapshot.tablePath, version + 1);
    if (actions === undefined) return version === snapshot.version ? snapshot : reconciliation.toSnapshot(version);
    reconciliation.apply(actions);
    version += 1;
  }
}

/** Commits read at the same time. */
const batchSize = 16;

function* batches(first: number, last: number): Generator<number[]> {
  for (let start = first; start <= last; start += batchSize) {
    yield Array.from({ length: Math.min(batchSize, last - start + 1) }, (_, index) => start + index);
  }
}

async function chooseVersion(
  tablePath: string,
  log: LogListing,
  latest: number,
  { version, timestamp }: ReadSnapshotOptions,
): Promise<number> {
  if (version !== undefined) {
    if (Number.isInteger(version) && version >= 0 && version <= latest) return version;
    throw new MillraceError(
      "VALUE_INVALID",
      `expected a version of \`${tablePath}\` from 0 to ${latest}, got: \`${version}\``,
    );
  }
  if (timestamp === undefined) return latest;
  for (const candidate of log.commits.toReversed()) {
    const committedAt = await commitTimestamp(tablePath, candidate);
    if (committedAt !== undefined && committedAt <= timestamp.getTime()) return candidate;
  }
  throw new MillraceError(
    "VALUE_INVALID",
    `expected a time at which \`${tablePath}\` was there, got: \`${timestamp.toISOString()}\``,
  );
}

/** @param broken why a newer checkpoint cannot be used, which is then what is wrong with the log */
function assertNoGap(
  tablePath: string,
  log: LogListing,
  checkpoint: LogCheckpoint | undefined,
  version: number,
  broken: MillraceError | undefined,
): void {
  const present = new Set(log.commits);
  const first = (checkpoint?.version ?? -1) + 1;
  for (let wanted = first; wanted <= version; wanted += 1) {
    if (present.has(wanted)) continue;
    if (broken !== undefined) throw broken;
    gap(tablePath, wanted);
  }
}

function gap(tablePath: string, version: number): never {
  throw new MillraceError("DELTA_CORRUPT", `the log of \`${tablePath}\` has no commit for version \`${version}\``, {
    hint: "a file was deleted from `_delta_log`, or the version is older than the log; restore it or read a later version",
  });
}
