// Takes commits out of the log that are older than the table's log retention and that a checkpoint stands for.
import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../files/file-system.ts";
import { commitTimestamp, listLog, logFolder } from "../log/delta-log.ts";

/** Files of the log that nothing needs, the oldest first: who is interrupted leaves a log without a gap. */
export async function findExpiredLog(tablePath: string, cutoffMs: number): Promise<string[]> {
  const { commits, checkpoints } = await listLog(tablePath);
  // parts of a checkpoint of the newer kind lie elsewhere and are shared
  if (checkpoints.some(({ files }) => files.some(isOfNewerKind))) return [];
  let kept: number | undefined;
  for (const { version } of checkpoints) {
    const committedAt = await commitTimestamp(tablePath, version);
    // without the commit that it is of, other software reads no checkpoint
    if (committedAt === undefined || committedAt >= cutoffMs) continue;
    if (commits.some((commit) => commit > version) || version === commits.at(-1)) kept = version;
  }
  if (kept === undefined) return [];
  const names = await readdir(logFolder(tablePath));
  return names.filter((name) => isBefore(name, kept)).toSorted((a, b) => (a < b ? -1 : 1));
}

/** Deletes files of the log in their order. @returns how many were there */
export async function deleteFromLog(tablePath: string, names: readonly string[]): Promise<number> {
  let deleted = 0;
  for (const name of names) {
    try {
      await unlink(join(logFolder(tablePath), name));
      deleted += 1;
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
    }
  }
  return deleted;
}

/** Named after an id, with whatever ending. */
function isOfNewerKind(path: string): boolean {
  return /\.checkpoint\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(?:json|parquet)$/.test(path);
}

function isBefore(name: string, version: number): boolean {
  const [, digits] =
    /^(\d{20})\.(?:json|crc|checkpoint\.parquet|checkpoint\.\d{10}\.\d{10}\.parquet)$/.exec(name) ?? [];
  return digits !== undefined && Number(digits) < version;
}
