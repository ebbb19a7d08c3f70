// Cleans up behind attempts that died: what they staged, and what they had put near a target without publishing it.
import { rm } from "node:fs/promises";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import { toTargetError } from "../files/file-system.ts";
import { listUnpublished, loadIntents, concludeIntents } from "./publish-journal.ts";
import { type AttemptFolder, listAttemptFolders, listEntries, removeIfEmpty } from "../files/staging-folders.ts";

export interface RecoverStagingInput {
  /** Staging folder of the project. */
  readonly staging: string;
  /** Whether this attempt still holds its run; what it has staged is left alone. */
  isLive(runId: RunId, epoch: number): Promise<boolean>;
}

/**
 * Removes what attempts that are not live left. Targets themselves remember which run has published, so nothing here is
 * needed by a later attempt. Safe to interrupt and to repeat. What cannot be concluded (a broken journal, a table that may not be
 * written) harms nobody else: it is left as it is, for `findLeftovers` to tell.
 */
export async function recoverStaging(input: RecoverStagingInput): Promise<void> {
  for (const folder of await listAttemptFolders(input.staging).catch(() => [])) {
    if (!(await input.isLive(folder.runId, folder.epoch))) await concludeAttempt(folder);
  }
}

/** Concludes every publication of an attempt that is over and deletes its staged rows; what cannot be concluded is left. */
export async function concludeAttempt(folder: AttemptFolder): Promise<void> {
  for (const path of await listEntries(folder.path).catch(() => []))
    await concludePublication(path).catch(() => undefined);
  await removeIfEmpty(folder.path).catch(() => undefined);
}

/** Concludes one publication that is over and deletes its staging folder. @throws MillraceError when that is not possible */
export async function concludePublication(folder: string): Promise<void> {
  await concludeIntents(await loadIntents(folder));
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    throw toTargetError(error, folder);
  }
}

/** One line for each thing that an attempt which is not live has left in staging or near a target. */
export async function findLeftovers(input: RecoverStagingInput): Promise<string[]> {
  const found: string[] = [];
  for (const folder of await listAttemptFolders(input.staging)) {
    if (await input.isLive(folder.runId, folder.epoch)) continue;
    const run = `run \`${formatRunId(folder.runId)}\` (epoch ${folder.epoch})`;
    const paths = await listEntries(folder.path).catch(() => []);
    if (paths.length === 0) found.push(`${run} left \`${folder.path}\``);
    for (const path of paths) {
      found.push(`${run} left staged rows at \`${path}\``);
      found.push(...(await describeIntents(path)).map((line) => `${run} left ${line}`));
    }
  }
  return found;
}

/**
 * Absolute paths of files that are in tables and that no commit names yet.
 * @param staging folder of the project
 * @throws MillraceError `STORE_CORRUPT` for a journal that cannot be read: nobody knows then what it has named
 */
export async function findIntended(staging: string): Promise<ReadonlySet<string>> {
  const files = new Set<string>();
  for (const { path: attempt } of await listAttemptFolders(staging)) {
    for (const folder of await listEntries(attempt)) {
      for (const intent of await loadIntents(folder)) {
        for (const file of await listUnpublished(intent)) files.add(file);
      }
    }
  }
  return files;
}

async function describeIntents(folder: string): Promise<string[]> {
  try {
    const lines: string[] = [];
    for (const intent of await loadIntents(folder)) {
      lines.push(...(await listUnpublished(intent)).map((file) => `an unpublished file \`${file}\``));
    }
    return lines;
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return [`what cannot be looked at: ${error.message}`];
  }
}
