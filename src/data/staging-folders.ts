// Staging folders: one for each attempt, `<run id>-<epoch>`, and one for each dataset whose checks failed last.
import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseRunId, type RunId } from "../core/run-id.ts";
import { errorCode, syncFolder, toTargetError } from "./delta/delta-file-system.ts";
import { removeUnreferenced } from "./delta/delta-table.ts";
import { journalName } from "./publish-journal.ts";
import type { Intent } from "./target.ts";

/** An attempt's staging folder. */
export interface AttemptFolder {
  readonly path: string;
  readonly runId: RunId;
  readonly epoch: number;
}

/** Folder of one attempt. */
export function attemptFolder(staging: string, runId: RunId, epoch: number): string {
  return join(staging, `${runId}-${epoch}`);
}

/** Where the rows of a dataset whose checks failed are kept for a person, until it is published or fails again. */
export function failedFolder(staging: string, dataset: string): string {
  return join(staging, "failed", dataset);
}

/** The folders of attempts that are there, in order of run and epoch. */
export async function listAttemptFolders(staging: string): Promise<AttemptFolder[]> {
  let names: string[];
  try {
    names = await readdir(staging);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw toTargetError(error, staging);
  }
  const folders = names.flatMap((name) => {
    const [, runId, epoch] = /^([1-9]\d{0,15})-(\d{1,15})$/.exec(name) ?? [];
    if (runId === undefined || epoch === undefined) return [];
    return [{ path: join(staging, name), runId: parseRunId(runId), epoch: Number(epoch) }];
  });
  return folders.toSorted((a, b) => a.runId - b.runId || a.epoch - b.epoch);
}

/** Deletes what is staged in an attempt's folder and keeps its journal. */
export async function removeStagedFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name !== journalName) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * Takes out what a dead attempt left beside or in a target: files that no commit names, hidden half-made ones.
 * Doing it again is harmless.
 */
export async function settleIntent(intent: Intent): Promise<void> {
  if (intent.format === "delta") {
    await removeUnreferenced(intent.path, intent.names, intent.baseVersion);
    return;
  }
  await rm(intent.temporary, { force: true });
  await syncFolder(dirname(intent.temporary)).catch(() => undefined); // the folder may be gone with its table
}
