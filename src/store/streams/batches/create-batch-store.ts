// Batches over scripts.
import type { ScriptRunner } from "../../rows/script-runner.ts";
import { prepareSubmission } from "../../submit/prepare-submission.ts";
import { cutBlocks, measureBlocks } from "./batch-blocks.ts";
import { findSights, registerGroup } from "./batch-sights.ts";
import type { BatchStore } from "./batch-store.ts";
import { endBatch, findBatch, giveUpBatch, listBatches, openBatch } from "./batches.ts";
import { listOpenBatches, reopenBatch } from "./open-batches.ts";
import { passHoles } from "./pass-holes.ts";

/** What waits in topics for batches, and the batches that were made of it. */
export function createBatchStore({ read, write, announce }: ScriptRunner): BatchStore {
  return {
    lookAtBatches: async (groups) => {
      const look = await read(function* ({ nowMs }) {
        return { seenAtMs: nowMs, ...(yield* findSights(groups)) };
      });
      for (const group of look.unregistered) await write(({ nowMs }) => registerGroup(group, nowMs));
      return { seenAtMs: look.seenAtMs, sights: look.sights };
    },
    measureBlocks: (ranges) => read(() => measureBlocks(ranges)),
    cutBlocks: (ranges, limits) => read(() => cutBlocks(ranges, limits)),
    openBatch: async (batch) => {
      const prepared = { ...batch, submission: prepareSubmission(batch.submission) };
      const runId = await write(({ nowMs }) => openBatch(prepared, nowMs));
      if (runId !== undefined) announce("ready");
      return runId;
    },
    reopenBatch: async ({ group, number, submission }) => {
      const prepared = prepareSubmission(submission);
      const runId = await write(({ nowMs }) => reopenBatch(group, number, prepared, nowMs));
      if (runId !== undefined) announce("ready");
      return runId;
    },
    passHoles: (group, ranges) => write(({ nowMs }) => passHoles(group, ranges, nowMs)),
    listOpenBatches: () => read(() => listOpenBatches()),
    findBatch: (group, number) => read(() => findBatch(group, number)),
    listBatches: (page) => read(() => listBatches(page)),
    endBatch: (fence, group, number, result, deadLetters = []) => {
      const text = JSON.stringify(result ?? null);
      return write(({ nowMs }) => endBatch(fence, { group, number, result: text, deadLetters }, nowMs));
    },
    giveUpBatch: (group, number, by) => write(({ nowMs }) => giveUpBatch(group, number, by, nowMs)),
  };
}
