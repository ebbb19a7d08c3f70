import { expect, test } from "vitest";
import type { RunId } from "../../core/run-id.ts";
import type { JobStream } from "../../core/stream/job-stream.ts";
import { defineTopic } from "../../core/stream/topic.ts";
import type { OpenBatch } from "../../store/streams/batches/batch-store.ts";
import { explainStreamJob } from "./explain-stream-job.ts";

const stream: JobStream = {
  kind: "batches",
  group: "sums",
  topics: [defineTopic({ name: "orders" })],
  produces: [],
  stores: [],
  replicas: undefined,
  trigger: { records: 2, bytes: undefined, ageMs: undefined, cron: undefined },
  startAt: "earliest",
};

function storeWith(...runs: readonly OpenBatch["run"][]): Parameters<typeof explainStreamJob>[0] {
  const batch = { group: "sums", number: 3, job: "sums", runId: 12 as RunId, openedAtMs: 0 };
  return {
    listOpenBatches: async () => runs.map((run) => ({ ...batch, run })),
    listRuns: async () => [],
    readClockMs: async () => 0,
  };
}

test.each([
  [undefined, "starts when what has come in `orders` makes a batch", "has a scheduler"],
  ["unfinished", "gets its next batch when batch `sums/3` is done, which is with r12", undefined],
  ["ended", "nobody works on it: r12 has ended without it", "`millrace batch give-up sums/3` to go on behind them"],
  ["gone", "nobody works on it: r12 is gone", "gives the batch to a new run"],
] as const)("with a run of the open batch that is %s a job of batches says `%s`", async (run, summary, remedy) => {
  const explained = await explainStreamJob(run === undefined ? storeWith() : storeWith(run), "sums", stream);
  expect(explained.summary).toContain(summary);
  if (remedy === undefined) expect(explained.remedy).toBeUndefined();
  else expect(explained.remedy).toContain(remedy);
});
