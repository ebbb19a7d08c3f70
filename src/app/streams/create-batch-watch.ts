// Watches the topics of jobs that take records in batches.
import { swapJobName } from "../../core/job/built-in-job-names.ts";
import type { Clock } from "../../core/clock.ts";
import type { BatchLog } from "../../core/stream/batch.ts";
import type { StreamLog } from "../../core/stream/stream-log.ts";
import { BatchWatch } from "../../orchestrator/streams/batch-watch.ts";
import { ReplayWatch } from "../../orchestrator/streams/replay-watch.ts";
import { toSubmission } from "../../orchestrator/submission/to-submission.ts";
import type { Definitions } from "../../project/definitions.ts";
import type { Store } from "../../store/store.ts";
import { estimatingLog } from "../../stream/batches/estimating-log.ts";
import { warn } from "../app-parts.ts";
import { asLast } from "./replay-desk.ts";

export interface BatchWatchParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Of the project, opened when it is first asked for. */
  readonly log: () => Promise<StreamLog>;
  readonly definitions: Definitions;
  readonly tenant: string;
}

/** Looks when the scheduler does, beside those of other processes. */
export function createBatchWatch({ store, clock, log, definitions, tenant }: BatchWatchParts): BatchWatch {
  return new BatchWatch({
    store,
    log: batchLogOf(store, clock, log),
    jobs: [...definitions.jobs.values()].flatMap(({ name, stream }) =>
      stream?.kind === "batches" ? [{ job: name, stream }] : [],
    ),
    replays: new ReplayWatch({
      store,
      streams: new Map(
        [...definitions.jobs.values()].flatMap(({ name, stream }) => (stream === undefined ? [] : [[name, stream]])),
      ),
      toSwap: ({ id, createdBy }) =>
        toSubmission(definitions.find(swapJobName), { params: { replay: id }, createdBy, tenant }),
      onError: warn,
    }),
    toSubmission: (job, { isLast, ...options }) => {
      const submission = toSubmission(definitions.find(job), { ...options, tenant });
      return isLast === true ? asLast(submission) : submission;
    },
    onError: warn,
  });
}

/** The store tells of its own log exactly; of another one sizes are estimated. */
export function batchLogOf(store: Store, clock: Clock, log: () => Promise<StreamLog>): BatchLog {
  const counted: BatchLog = {
    findTopics: async (names) => (await store.listTopics()).filter(({ name }) => names.includes(name)),
    measure: (ranges) => store.measureBlocks(ranges),
    cut: (ranges, limits) => store.cutBlocks(ranges, limits),
  };
  const chosen = async (): Promise<BatchLog> => {
    const opened = await log();
    return opened.kind === "embedded" ? counted : estimatingLog(opened, clock);
  };
  return {
    findTopics: async (names) => await (await chosen()).findTopics(names),
    measure: async (ranges) => await (await chosen()).measure(ranges),
    cut: async (ranges, limits) => await (await chosen()).cut(ranges, limits),
  };
}
