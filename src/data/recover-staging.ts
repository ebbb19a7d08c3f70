// Cleans up behind attempts that died: what they staged, and what they had put near a target without publishing it.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { MillraceError } from "../core/errors.ts";
import { formatRunId, type RunId } from "../core/run-id.ts";
import { listLog, readCommit } from "./delta/delta-log.ts";
import { toFilePath } from "./delta/delta-path.ts";
import { loadIntents, settleIntents } from "./publish-journal.ts";
import { type AttemptFolder, listAttemptFolders, listEntries, removeIfEmpty } from "./staging-folders.ts";
import type { Intent } from "./target.ts";

export interface RecoverStagingInput {
  /** Staging folder of the project. */
  readonly staging: string;
  /** Whether this attempt still holds its run; what it has staged is left alone. */
  isLive(runId: RunId, epoch: number): Promise<boolean>;
}

/**
 * Removes what attempts that are not live left. Targets themselves remember which run has published, so nothing here is
 * needed by a later attempt. Safe to interrupt and to repeat. A corrupt journal and its folder are left for `findLeftovers` to tell.
 */
export async function recoverStaging(input: RecoverStagingInput): Promise<void> {
  for (const folder of await listAttemptFolders(input.staging)) {
    if (!(await input.isLive(folder.runId, folder.epoch))) await settleAttempt(folder);
  }
}

/** Settles every publication of an attempt that is over and deletes its staged rows. */
export async function settleAttempt(folder: AttemptFolder): Promise<void> {
  for (const path of await listEntries(folder.path)) {
    const intents = await readableIntents(path);
    if (intents === undefined) continue;
    await settleIntents(intents);
    await rm(path, { recursive: true, force: true });
  }
  await removeIfEmpty(folder.path);
}

/** One line for each thing that an attempt which is not live has left in staging or near a target. */
export async function findLeftovers(input: RecoverStagingInput): Promise<string[]> {
  const found: string[] = [];
  for (const folder of await listAttemptFolders(input.staging)) {
    if (await input.isLive(folder.runId, folder.epoch)) continue;
    const run = `run \`${formatRunId(folder.runId)}\` (epoch ${folder.epoch})`;
    for (const path of await listEntries(folder.path)) {
      found.push(`${run} left staged rows at \`${path}\``);
      const intents = await readableIntents(path);
      if (intents === undefined) found.push(`${run} left a journal that cannot be read at \`${path}\``);
      for (const intent of intents ?? []) {
        found.push(...(await listUnpublished(intent)).map((file) => `${run} left an unpublished file \`${file}\``));
      }
    }
  }
  return found;
}

async function readableIntents(folder: string): Promise<readonly Intent[] | undefined> {
  try {
    return await loadIntents(folder);
  } catch (error) {
    if (error instanceof MillraceError && error.code === "STORE_CORRUPT") return undefined;
    throw error;
  }
}

/** Files of an intent that are there although nothing names them. */
async function listUnpublished(intent: Intent): Promise<string[]> {
  if (intent.format === "staging") return existsSync(intent.path) ? [intent.path] : [];
  if (intent.format === "parquet") return existsSync(intent.temporary) ? [intent.temporary] : [];
  const { commits } = await listLog(intent.path);
  const named = new Set<string>();
  for (const version of commits.filter((commit) => commit > intent.baseVersion)) {
    for (const { add } of (await readCommit(intent.path, version)) ?? []) {
      if (add) named.add(toFilePath(intent.path, add.path));
    }
  }
  return intent.names.map((name) => join(intent.path, name)).filter((path) => existsSync(path) && !named.has(path));
}
