// Removes payloads that nothing refers to any more. The store marks what may go, so that nobody puts it again while it goes.
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../data/files/file-system.ts";
import type { PayloadSweep } from "../../core/stream/payload-ledger.ts";
import type { PayloadStore } from "./payload-store.ts";

export interface CollectPayloadsInput {
  readonly store: PayloadStore;
  readonly sweep: PayloadSweep;
  /** How long a payload that nothing refers to is left alone; at least as long as it takes to append the record that names it. */
  readonly graceMs: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** What the collector did. */
export interface PayloadCollection {
  /** Payloads that it looked at. */
  readonly seen: number;
  readonly removed: number;
  readonly removedBytes: number;
}

const pageSize = 1_000;

/** It may be interrupted anywhere; the next one goes on. */
export async function collectPayloads({
  store,
  sweep,
  graceMs,
  now,
  signal,
}: CollectPayloadsInput): Promise<PayloadCollection> {
  await sweep.dropPayloadReferences();
  let seen = 0;
  let removed = 0;
  let removedBytes = 0;
  for (let after: string | undefined = ""; after !== undefined;) {
    signal.throwIfAborted();
    const page = await sweep.beginPayloadRemoval({ after, graceMs, limit: pageSize });
    for (const { sha256, bytes } of page.removing) {
      await store.remove(sha256, { signal });
      removed += 1;
      removedBytes += bytes;
    }
    if (page.removing.length > 0) await sweep.endPayloadRemoval(page.removing.map(({ sha256 }) => sha256));
    seen += page.seen;
    after = page.next;
  }
  await clearStaging(store.stagingFolder, now() - graceMs);
  return { seen, removed, removedBytes };
}

/** What processes left that died while they wrote. */
async function clearStaging(folder: string, beforeMs: number): Promise<void> {
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const modifiedAtMs = await modifiedAt(path);
    if (modifiedAtMs !== undefined && modifiedAtMs < beforeMs) await rm(path, { force: true });
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

async function modifiedAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
