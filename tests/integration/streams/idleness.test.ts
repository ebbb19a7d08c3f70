// When a process that works until nothing is left may end, where topics are read in batches.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isIdle, listStuckBatches } from "../../../src/app/streams/stream-idleness.ts";
import type { Job } from "../../../src/core/job/job.ts";
import type { StreamLog } from "../../../src/core/stream/stream-log.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { createEmbeddedLog } from "../../../src/stream/embedded/embedded-log.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { BatchScene, orders, produceOrders } from "../../support/streams/batch-scene.ts";

let cleanup: AsyncDisposableStack;
let folder: string;
let store: Store;
let log: StreamLog;
const clock = createSystemClock();
beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), "millrace-idle-"));
  cleanup.defer(() => rm(folder, { recursive: true }));
  store = cleanup.use(await createSqliteStore({ path: join(folder, "store.db"), isDurable: false }));
  log = createEmbeddedLog({ blocks: store, clock });
});
afterEach(() => cleanup.disposeAsync());

function sums(handle: () => unknown): Job {
  return streamJob({
    name: "sums",
    topic: orders,
    batch: { records: 5 },
    retry: { maxRetries: 0 },
    handle,
  }) as Job;
}

function isIdleWith(job: Job): Promise<boolean> {
  const definitions = { jobs: new Map([[job.name, job]]) };
  return isIdle({ store, clock, definitions: definitions as never }, () => Promise.resolve(log));
}

function listStuckWith(job: Job): Promise<readonly string[]> {
  const definitions = { jobs: new Map([[job.name, job]]) };
  return listStuckBatches({ store, clock, definitions: definitions as never }, () => Promise.resolve(log));
}

test("what makes a batch is work that is left, though nobody has made it yet; what makes none may wait", async () => {
  const job = sums(() => undefined);
  const scene = cleanup.use(new BatchScene({ store, folder, jobs: [job] }));
  await scene.start();
  expect(await isIdleWith(job)).toBe(true);
  await produceOrders(log, 1, 9);
  expect(await isIdleWith(job)).toBe(false);
  await scene.look();
  await scene.ended(1);
  expect([await isIdleWith(job), await listStuckWith(job)]).toEqual([true, []]);
  await produceOrders(log, 10, 1);
  expect(await isIdleWith(job)).toBe(false);
});

test("what waits behind a batch that failed is not waited for: it needs a person", async () => {
  const job = sums(() => Promise.reject(new Error("broke")));
  const scene = cleanup.use(new BatchScene({ store, folder, jobs: [job] }));
  await scene.start();
  await produceOrders(log, 1, 20);
  await scene.look();
  expect(await scene.ended(1)).toMatchObject({ state: "ERROR" });
  expect(await isIdleWith(job)).toBe(true);
  expect(await listStuckWith(job)).toEqual(["sums/1"]);
});

test("a group that is held for a replay whose batch failed is not waited for, and the batch is named", async () => {
  const job = sums(() => Promise.reject(new Error("broke")));
  const scene = cleanup.use(new BatchScene({ store, folder, jobs: [job] }));
  await scene.start();
  await produceOrders(log, 1, 20);
  const topic = await log.findTopic("orders");
  const ranges = (topic?.bounds ?? []).map(({ partition, start, end }) => {
    return { topic: { name: "orders", id: topic?.id ?? "" }, partition, from: start, to: end };
  });
  const id = "sums@replay-1";
  const replay = { id, job: "sums", ranges, withEffects: false, isSwapWanted: true, createdBy: "ada" };
  await store.startReplay(replay);
  const submission = {
    runs: [{ job: "sums", kind: "job", params: { batch: `${id}/1` }, tenant: "default", createdBy: "batch" }],
    edges: [],
  } as const;
  const size = { records: 20, bytes: 1, firstAtMs: 0 };
  const runId = await store.openBatch({
    ...size,
    group: id,
    number: 1,
    job: "sums",
    because: "end",
    ranges,
    submission,
  });
  await store.changeReplay(id, { from: "running", to: "swapping" });
  expect(runId).toBeDefined();
  await expect.poll(() => store.findRun(runId!).then((run) => run?.state)).toBe("ERROR");
  expect(await isIdleWith(job)).toBe(true);
  expect(await listStuckWith(job)).toEqual([`${id}/1`]);
});
