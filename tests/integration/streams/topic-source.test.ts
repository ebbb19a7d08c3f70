// Topics as a source of jobs and as inputs of queries: each run reads on where the last one ended, all its attempts the same.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { Job } from "../../../src/core/job/job.ts";
import { defineTopic } from "../../../src/core/stream/topic.ts";
import { aggregateJob } from "../../../src/data/jobs/aggregate-job.ts";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import { mapReduceJob } from "../../../src/data/jobs/map-reduce-job.ts";
import { sqlJob } from "../../../src/data/jobs/sql-job.ts";
import type { Failpoint } from "../../../src/data/target.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { BatchScene, orders, type BatchSceneOptions } from "../../support/streams/batch-scene.ts";

let cleanup: AsyncDisposableStack;
let folder: string;
let store: Store;
beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), "millrace-topics-"));
  cleanup.defer(() => rm(folder, { recursive: true }));
  store = cleanup.use(await createSqliteStore({ path: join(folder, "store.db"), isDurable: false }));
});
afterEach(() => cleanup.disposeAsync());

async function start(job: Job, more: Partial<BatchSceneOptions> = {}): Promise<BatchScene> {
  const scene = cleanup.use(new BatchScene({ store, folder, jobs: [job], ...more }));
  await scene.start();
  return scene;
}

const once = { maxRetries: 1, baseDelay: "1ms", jitter: false } as const;

const copy = integrationJob({
  name: "copy",
  source: { topic: orders },
  output: { dataset: "copied", mode: "append" },
  retry: once,
});

/** Rows that the run added, and those that are there. */
async function counts(scene: BatchScene, job: Job): Promise<unknown> {
  const { state, result, code } = await scene.run(job);
  const { rows, rowCount } = (result ?? {}) as { rows?: number; rowCount?: number };
  return code ?? [state, rows, rowCount];
}

test("each run adds what has come since the last one, and nothing where nothing has", async () => {
  const scene = await start(copy);
  expect(await counts(scene, copy)).toEqual(["FINISHED", 0, 0]);
  await scene.produce(1, 3);
  expect(await counts(scene, copy)).toEqual(["FINISHED", 3, 3]);
  expect(await counts(scene, copy)).toEqual(["FINISHED", 0, 3]);
  await scene.produce(4, 2);
  expect(await counts(scene, copy)).toEqual(["FINISHED", 2, 5]);
});

test("an attempt after a failure behind the publication adds nothing twice, and leaves what came meanwhile to the next run", async () => {
  let left = 1;
  const failpoint: Failpoint = async (name) => {
    if (name !== "recorded" || left === 0) return;
    left -= 1;
    await scene.produce(10, 4);
    throw new MillraceError("STORE_UNAVAILABLE", "the store was away for a moment");
  };
  const scene = await start(copy, { failpoint });
  await scene.produce(1, 3);
  expect(await counts(scene, copy)).toEqual(["FINISHED", 3, 3]);
  expect(left).toBe(0);
  expect(await counts(scene, copy)).toEqual(["FINISHED", 4, 7]);
});

test("a mode that is the whole of a dataset reads all records that are kept", async () => {
  const whole = integrationJob({ name: "whole", source: { topic: orders }, output: { dataset: "kept" } });
  const scene = await start(whole);
  await scene.produce(1, 3);
  expect(await counts(scene, whole)).toEqual(["FINISHED", 3, 3]);
  await scene.produce(4, 3);
  expect(await counts(scene, whole)).toEqual(["FINISHED", 6, 6]);
});

test("records that retention took before they were read are told, and not passed over", async () => {
  const scene = await start(copy);
  await scene.produce(1, 3);
  await scene.run(copy);
  await scene.produce(4, 6);
  const topic = await store.findTopic("orders");
  for (const { partition, end } of topic?.bounds ?? []) {
    await store.truncateTopic({ topicId: topic?.id ?? "", partition, before: end });
  }
  expect(await counts(scene, copy)).toBe("OFFSET_OUT_OF_RANGE");
});

test("a topic that was made anew is read from its start", async () => {
  const scene = await start(copy);
  await scene.produce(1, 3);
  await scene.run(copy);
  await store.deleteTopic((await store.findTopic("orders"))?.id ?? "");
  await scene.produce(1, 2);
  expect(await counts(scene, copy)).toEqual(["FINISHED", 2, 5]);
});

test("a query reads a topic by its name beside datasets", async () => {
  const sum = sqlJob({
    name: "sum",
    inputs: [orders],
    sql: "select _partition, count(*) as n, sum(id) as total from orders group by _partition",
    output: { dataset: "summed", mode: "merge", key: ["_partition"] },
  });
  expect([sum.inputs, sum.topicInputs.map(({ name }) => name)]).toEqual([[], ["orders"]]);
  const scene = await start(sum);
  await scene.produce(1, 8);
  expect(await counts(scene, sum)).toEqual(["FINISHED", 2, 2]);
});

test("records are mapped and reduced as rows, and counted by what is declared", async () => {
  const mapped = mapReduceJob({
    name: "mapped",
    input: { topic: orders },
    map: (record, emit) => emit(String(record["_partition"]), Number(record["id"])),
    reduce: { init: 0, add: (sum, id) => sum + id, merge: (a, b) => a + b },
    output: { dataset: "mapped" },
  });
  const counted = aggregateJob({
    name: "counted",
    input: { topic: orders },
    by: ["_partition"],
    aggregates: { n: "count", total: { sum: "id" } },
    output: { dataset: "counted" },
  });
  const scene = await start(mapped);
  await scene.produce(1, 8);
  expect(await counts(scene, mapped)).toEqual(["FINISHED", 2, 2]);
  const other = await start(counted);
  expect(await counts(other, counted)).toEqual(["FINISHED", 2, 2]);
});

test("a topic and a dataset of one name are refused, as a query could mean either", () => {
  const definition = {
    name: "sum",
    inputs: [defineTopic({ name: "orders" }), "orders"],
    sql: "select 1 as x from orders",
    output: { dataset: "summed" },
  } as const;
  expect(() => sqlJob(definition)).toThrowError(
    "expected `inputs` of job `sum` to be names that differ, as queries call datasets and topics by them, got: `orders`",
  );
});
