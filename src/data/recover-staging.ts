// Cleans up behind runs that died: what they staged, and what they had put near a target without publishing it.
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { MillraceError } from "../core/errors.ts";
import { formatRunId, type RunId } from "../core/run-id.ts";
import { journalName, loadJournal } from "./publish-journal.ts";
import { type AttemptFolder, listAttemptFolders, removeStagedFiles, settleIntent } from "./staging-folders.ts";

export interface RecoverStagingInput {
  /** Staging folder of the project. */
  readonly staging: string;
  /** Whether this attempt still holds its run; its folder is left alone. */
  isLive(runId: RunId, epoch: number): Promise<boolean>;
  /** Whether the run will have no further attempt, so that its journal is needed no more. */
  isEnded(runId: RunId): Promise<boolean>;
}

/**
 * Removes what attempts that are not live left. Journals stay until their run has ended, so that its next attempt knows
 * what was published. Safe to interrupt and to repeat. A folder whose journal is corrupt is left for `findLeftovers` to tell.
 */
export async function recoverStaging(input: RecoverStagingInput): Promise<void> {
  for (const folder of await listAttemptFolders(input.staging)) {
    if (await input.isLive(folder.runId, folder.epoch)) continue;
    if ((await settleAttempt(folder)) && (await input.isEnded(folder.runId))) {
      await rm(folder.path, { recursive: true, force: true });
    }
  }
}

/** Settles every intent of a dead attempt and deletes its staged rows. @returns false for a journal that cannot be read */
export async function settleAttempt(folder: AttemptFolder): Promise<boolean> {
  try {
    const journal = await loadJournal(folder.path);
    for (const intent of journal?.intents ?? []) await settleIntent(intent);
  } catch (error) {
    if (error instanceof MillraceError && error.code === "STORE_CORRUPT") return false;
    throw error;
  }
  await removeStagedFiles(folder.path);
  return true;
}

/** One line for each thing that an attempt which is not live has left in staging or near a target. */
export async function findLeftovers(input: RecoverStagingInput): Promise<string[]> {
  const found: string[] = [];
  for (const folder of await listAttemptFolders(input.staging)) {
    if (await input.isLive(folder.runId, folder.epoch)) continue;
    const run = `run \`${formatRunId(folder.runId)}\` (epoch ${folder.epoch})`;
    for (const name of await readdir(folder.path)) {
      if (name !== journalName) found.push(`${run} left staged rows at \`${join(folder.path, name)}\``);
    }
    found.push(...(await findUnpublished(folder, run)));
  }
  return found;
}

async function findUnpublished(folder: AttemptFolder, run: string): Promise<string[]> {
  try {
    const journal = await loadJournal(folder.path);
    if (journal === undefined) return [];
    const hidden = journal.intents.flatMap((intent) => (intent.format === "parquet" ? [intent.temporary] : []));
    return hidden.filter((path) => existsSync(path)).map((path) => `${run} left an unpublished file \`${path}\``);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return [`${run}: ${error.message}`];
  }
}
