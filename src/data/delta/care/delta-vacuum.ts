// Deletes files that no version of a table within its retention needs, and log that is older than its own retention. What a
// publication is about to commit stays, and so does everything whose name is nobody's.
import { unlink } from "node:fs/promises";
import type { EngineSession } from "../../../compute/engine.ts";
import { formatDuration } from "../../../core/duration.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { errorCode, toTargetError } from "../../files/file-system.ts";
import type { DeltaSnapshot } from "../log/action-reconciliation.ts";
import { assertWritable } from "../log/delta-protocol.ts";
import { readRetention } from "../log/delta-retention.ts";
import { readSnapshot } from "../log/delta-snapshot.ts";
import { deleteFromLog, findExpiredLog } from "./clean-log.ts";
import { type DataFile, listDataFiles } from "./list-data-files.ts";
import { findTableFiles } from "./needed-files.ts";

export interface DeltaVacuumInput {
  readonly tablePath: string;
  readonly session: EngineSession;
  /** For how long versions stay readable. Default: what the table says, a week when it says nothing. */
  readonly retainMs?: number;
  /** Goes below what the table says. */
  readonly force: boolean;
  /** Tells what would go, and deletes nothing. */
  readonly dryRun: boolean;
  /** Versions that datasets stand for. */
  readonly versions: readonly number[];
  /** Absolute paths of files that publications are about to commit; asked once the files of the table were listed. */
  listIntended(): Promise<ReadonlySet<string>>;
  now(): number;
  assertHeld(): Promise<void>;
  readonly signal: AbortSignal;
}

export interface DeltaVacuumResult {
  readonly deletedFiles: number;
  readonly deletedBytes: number;
  /** Commits and checkpoints of the log, with their checksums. */
  readonly deletedLogFiles: number;
  readonly retainMs: number;
}

/**
 * Interrupted, it leaves a table that reads as before, and does the rest when it is done again.
 * @throws MillraceError `VALUE_INVALID` below the retention of the table, `SOURCE_MISSING`, `DELTA_UNSUPPORTED`, `DELTA_CORRUPT`, `RUN_STOPPED`
 */
export async function vacuumDelta(input: DeltaVacuumInput): Promise<DeltaVacuumResult> {
  const { tablePath, session, signal } = input;
  try {
    const before = await openTable(tablePath, session);
    const retainMs = chooseRetention(before, input);
    const cutoffMs = input.now() - retainMs;
    const list = async (snapshot: DeltaSnapshot) =>
      await findTableFiles({ session, snapshot, cutoffMs, versions: input.versions });
    const { named } = await list(before);
    // in this order: what is placed later is not listed, what is committed in between is in the log that is read last
    const listed = await listDataFiles(tablePath, named);
    const intended = await input.listIntended();
    const { needed } = await list(await openTable(tablePath, session));
    const doomed = listed.filter(
      ({ path, modifiedAtMs }) => modifiedAtMs < cutoffMs && !needed.has(path) && !intended.has(path),
    );
    const expired = await findExpiredLog(tablePath, input.now() - readRetention(before.metadata).logMs);
    if (input.dryRun) return toResult(doomed, expired.length, retainMs);
    await input.assertHeld();
    const deleted: DataFile[] = [];
    for (const file of doomed) {
      signal.throwIfAborted();
      if (await deleteFile(file.path)) deleted.push(file);
    }
    return toResult(deleted, await deleteFromLog(tablePath, expired), retainMs);
  } catch (error) {
    throw toTargetError(error, tablePath);
  }
}

async function openTable(tablePath: string, session: EngineSession): Promise<DeltaSnapshot> {
  const snapshot = await readSnapshot(tablePath, { session });
  if (snapshot === undefined) throw new MillraceError("SOURCE_MISSING", `there is no Delta table at \`${tablePath}\``);
  // a writer feature may keep files that only those find who know it
  assertWritable(tablePath, snapshot.protocol, snapshot.metadata, "append");
  return snapshot;
}

function chooseRetention({ tablePath, metadata }: DeltaSnapshot, { retainMs, force }: DeltaVacuumInput): number {
  const { deletedFilesMs } = readRetention(metadata);
  if (retainMs === undefined) return deletedFilesMs;
  if (retainMs >= deletedFilesMs || force) return retainMs;
  const least = Number.isFinite(deletedFilesMs) ? formatDuration(deletedFilesMs) : "for ever";
  throw new MillraceError(
    "VALUE_INVALID",
    `\`${tablePath}\` keeps files that were removed ${least}, got a shorter retention: \`${formatDuration(retainMs)}\``,
    {
      hint: "whoever reads the table now may need them; when nobody does, `--force` deletes them, else set `delta.deletedFileRetentionDuration` of the table",
    },
  );
}

async function deleteFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

function toResult(files: readonly DataFile[], deletedLogFiles: number, retainMs: number): DeltaVacuumResult {
  const deletedBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return { deletedFiles: files.length, deletedBytes, deletedLogFiles, retainMs };
}
