// Watches the topics of jobs that take records in batches.
import { swapJobName } from "../../core/job/built-in-job-names.ts";
import { BatchWatch } from "../../orchestrator/streams/batch-watch.ts";
import { ReplayWatch } from "../../orchestrator/streams/replay-watch.ts";
import { toSubmission } from "../../orchestrator/submission/to-submission.ts";
import type { Definitions } from "../../project/definitions.ts";
import type { Store } from "../../store/store.ts";
import { warn } from "../app-parts.ts";
import { asLast } from "./replay-desk.ts";

export interface BatchWatchParts {
  readonly store: Store;
  readonly definitions: Definitions;
  readonly tenant: string;
}

/** Looks when the scheduler does, beside those of other processes. */
export function createBatchWatch({ store, definitions, tenant }: BatchWatchParts): BatchWatch {
  return new BatchWatch({
    store,
    log: {
      listTopics: () => store.listTopics(),
      measure: (ranges) => store.measureBlocks(ranges),
      cut: (ranges, limits) => store.cutBlocks(ranges, limits),
    },
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
