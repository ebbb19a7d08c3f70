// Whether a project has nothing to do: for processes that work until that is so.
import { builtInJobNames } from "../../core/job/built-in-job-names.ts";
import { type BatchLog, formatBatchId, uniteSizes } from "../../core/stream/batch.ts";
import type { StreamLog } from "../../core/stream/stream-log.ts";
import { decideBatch } from "../../orchestrator/streams/decide-batch.ts";
import type { BatchJob } from "../../orchestrator/streams/batch-watch.ts";
import type { Definitions } from "../../project/definitions.ts";
import type { Store } from "../../store/store.ts";
import type { BatchLook } from "../../store/streams/batches/batch-store.ts";
import type { AppParts } from "../app-parts.ts";
import { batchLogOf } from "./create-batch-watch.ts";
import { findLag, keptJobs } from "./start-replicas.ts";

/** Beyond that nobody is interested in how many there are. */
const countCap = 1_000;

/**
 * Whether no run is left but those that have no end of their own, and these have done all that is in their topics: no record waits
 * for its next try either. Of topics that are read in batches, what makes no batch yet may wait, and what is behind a batch
 * that failed, of the group or of a replay that is to take its place.
 */
export async function isIdle(
  { store, clock, definitions }: Pick<AppParts, "store" | "clock" | "definitions">,
  log: () => Promise<StreamLog>,
): Promise<boolean> {
  const kept = keptJobs(definitions);
  const standing = new Set([...builtInJobNames, ...kept.map(({ job }) => job)]);
  const unfinished = await store.countUnfinished(countCap);
  if (unfinished.some(({ job, count }) => count > 0 && !standing.has(job))) return false;
  for (const { stream } of kept) {
    if ((await findLag(store, await log(), stream)) > 0) return false;
    if (((await store.findGroup(stream.group))?.parked ?? 0) > 0) return false;
  }
  return !(await isBatchDue(store, batchLogOf(store, clock, log), definitions));
}

/**
 * Batches that keep their groups where they are although nobody works on them, such as `sums/3`: their runs have failed or were stopped.
 * Only where nothing else is left to do.
 */
export async function listStuckBatches(
  { store, clock, definitions }: Pick<AppParts, "store" | "clock" | "definitions">,
  log: () => Promise<StreamLog>,
): Promise<readonly string[]> {
  const { sights } = await lookAtBatches(store, batchLogOf(store, clock, log), watchedJobs(definitions));
  const live = sights.flatMap(({ group, open }) => (open === undefined ? [] : [formatBatchId({ group, ...open })]));
  const replayed = (await findBlockedSwaps(store)).map(({ batch }) => batch);
  return [...live, ...replayed];
}

/**
 * Jobs that get no batch because one of their replays is being swapped in and cannot go on: its newest batch is open, and its run ended.
 * Only where nobody works.
 */
async function findBlockedSwaps(store: Store): Promise<readonly { readonly job: string; readonly batch: string }[]> {
  const swapping = (await store.listReplays({ isActive: true })).filter(({ state }) => state === "swapping");
  const newest = await Promise.all(
    swapping.map(async ({ id, job }) => ({ job, batch: (await store.listBatches({ group: id, limit: 1 }))[0] })),
  );
  return newest.flatMap(({ job, batch }) => (batch?.state === "open" ? [{ job, batch: formatBatchId(batch) }] : []));
}

/** Whether somebody who makes batches would make one, which happens now and then only. */
async function isBatchDue(store: Store, log: BatchLog, definitions: Pick<Definitions, "jobs">): Promise<boolean> {
  const watched = watchedJobs(definitions);
  const { seenAtMs, sights } = await lookAtBatches(store, log, watched);
  const held = new Set((await findBlockedSwaps(store)).map(({ job }) => job));
  for (const { group, open, changedTopics, waiting } of sights) {
    const { job = "", stream } = watched.find((candidate) => candidate.stream.group === group) ?? {};
    const trigger = stream?.trigger;
    if (trigger === undefined || open !== undefined || changedTopics.length > 0 || held.has(job)) continue;
    const size = uniteSizes((await log.measure(waiting)).filter((part) => part !== undefined));
    if (size !== undefined && decideBatch(trigger, size, seenAtMs) !== undefined) return true;
  }
  return false;
}

function watchedJobs({ jobs }: Pick<Definitions, "jobs">): readonly BatchJob[] {
  return [...jobs.values()].flatMap(({ name, stream }) => (stream?.kind === "batches" ? [{ job: name, stream }] : []));
}

async function lookAtBatches(store: Store, log: BatchLog, watched: readonly BatchJob[]): Promise<BatchLook> {
  if (watched.length === 0) return { seenAtMs: 0, sights: [] };
  const found = await log.findTopics(watched.flatMap(({ stream }) => stream.topics.map(({ name }) => name)));
  const topics = new Map(found.map((topic) => [topic.name, topic]));
  return await store.lookAtBatches(
    watched.map(({ job, stream: { group, startAt, topics: read } }) => {
      return { group, job, startAt, topics: read.flatMap(({ name }) => topics.get(name) ?? []) };
    }),
  );
}
