// Batches from records in a topic to what their runs leave, on both stores.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { defineJob, type Job } from "../../../src/core/job/job.ts";
import { defineTopic } from "../../../src/core/stream/topic.ts";
import { reachOf } from "../../../src/core/stream/stream-reach.ts";
import { createPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";
import type { BatchJobDefinition } from "../../../src/stream/batches/batch-job.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { createTestDatabase } from "../../support/postgres/postgres-test-database.ts";
import { BatchScene, orders } from "../../support/streams/batch-scene.ts";

let cleanup: AsyncDisposableStack;
let folder: string;
beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), "millrace-batches-"));
  cleanup.defer(() => rm(folder, { recursive: true }));
});
afterEach(() => cleanup.disposeAsync());

type Definition = BatchJobDefinition<"sums", { readonly id: number }, unknown, unknown>;

function job(definition: Partial<Definition> & Pick<Definition, "handle">): Job {
  return streamJob({
    name: "sums",
    topic: orders,
    batch: { records: 5 },
    retry: { maxRetries: 0 },
    ...definition,
  }) as Job;
}

const idsOf: Definition["handle"] = async (batch) => {
  const ids: number[] = [];
  for await (const { id } of batch.values()) ids.push(id);
  return ids.toSorted((a, b) => a - b);
};

describe.each(["sqlite", "postgres"] as const)("on %s", (kind) => {
  let store: Store;
  beforeEach(async () => {
    if (kind === "sqlite") {
      store = cleanup.use(await createSqliteStore({ path: join(folder, "store.db"), isDurable: false }));
      return;
    }
    const database = cleanup.use(await createTestDatabase());
    store = cleanup.use(await createPostgresStore({ url: database.url, migrate: false }));
  });

  async function start(...jobs: readonly Job[]): Promise<BatchScene> {
    const scene = cleanup.use(new BatchScene({ store, folder, jobs }));
    await scene.start();
    return scene;
  }

  test("the handler sees the records of its batch, and queries read them by the name `batch`", async () => {
    const scene = await start(
      job({
        handle: async (batch, ctx) => {
          const places: string[] = [];
          for await (const { topic, partition, offset, key } of batch.records()) {
            places.push(`${topic}/${partition}/${offset}=${key}`);
          }
          const [summed] = await ctx.sql`select count(*)::int as n, sum(id)::int as total from batch`;
          const ranges = batch.ranges.map(({ partition, from, to }) => `${partition}/${from}-${to}`);
          return { id: batch.id, count: batch.count, bytes: batch.bytes, places, ranges, summed };
        },
      }),
    );
    await scene.produce(1, 4);
    await scene.look();
    expect(await store.findBatch("sums", 1)).toBeUndefined();
    await scene.produce(5, 4);
    await scene.look();
    // the same on both stores: keys have their partitions from the log, and blocks the order in which they came
    expect(await scene.ended(1)).toMatchObject({
      state: "FINISHED",
      result: {
        id: "sums/1",
        count: 5,
        places: ["orders/0/0=2", "orders/0/1=5", "orders/1/0=1", "orders/1/1=3", "orders/1/2=4"],
        ranges: ["0/0-2", "1/0-3"],
        summed: { n: 5, total: 15 },
      },
    });
    expect(await store.findBatch("sums", 1)).toMatchObject({ state: "done", because: "records", records: 5 });
  });

  test("batches follow each other until what is left is too little, and a lone record goes when it is old enough", async () => {
    const scene = await start(job({ handle: idsOf, batch: { records: 4, age: "1ms" } }));
    await scene.produce(1, 9);
    for (const number of [1, 2, 3]) {
      expect(await scene.look()).toBe(true);
      await scene.ended(number);
    }
    expect(await scene.look()).toBe(false);
    const batches = await store.listBatches({ group: "sums", limit: 10 });
    expect(batches.map(({ number, because, records, state }) => [number, because, records, state])).toEqual([
      [3, "age", 1, "done"],
      [2, "records", 4, "done"],
      [1, "records", 4, "done"],
    ]);
    expect(batches.flatMap(({ result }) => result as number[]).toSorted((a, b) => a - b)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  test("an empty topic, and one that is not there yet, make no batch", async () => {
    const scene = await start(job({ handle: idsOf, batch: { age: "1ms" } }));
    await scene.look();
    await scene.produce(1, 0);
    await scene.look();
    expect([await store.listBatches({ group: "sums", limit: 10 }), scene.errors]).toEqual([[], []]);
  });

  test.runIf(kind === "sqlite")("a batch whose run is gone gets another run, with the same records", async () => {
    let isBroken = true;
    const scene = await start(
      job({
        handle: async (batch, ctx) => {
          if (isBroken) throw new Error("not now");
          return await idsOf(batch, ctx);
        },
      }),
    );
    await scene.produce(1, 5);
    await scene.look();
    expect(await scene.ended(1)).toMatchObject({ state: "ERROR" });
    const runId = (await store.findBatch("sums", 1))?.runId;
    const database = new DatabaseSync(join(folder, "store.db"));
    for (const table of ["event", "attempt_log", "outcome"])
      database.exec(`delete from ${table} where run_id = ${runId}`);
    database.exec(`delete from run where id = ${runId}`);
    database.close();
    expect(await store.listOpenBatches()).toMatchObject([{ group: "sums", number: 1, run: "gone" }]);
    isBroken = false;
    expect(await scene.look()).toBe(true);
    expect(await scene.look()).toBe(false);
    expect(await scene.ended(1)).toMatchObject({ state: "FINISHED", result: [1, 2, 3, 4, 5] });
  });

  test("a failed batch keeps the next one waiting; a retry reads the same records, though more have come", async () => {
    let isBroken = true;
    const scene = await start(
      job({
        handle: async (batch, ctx) => {
          if (isBroken) throw new Error("broke");
          return await idsOf(batch, ctx);
        },
      }),
    );
    await scene.produce(1, 5);
    await scene.look();
    expect(await scene.ended(1)).toMatchObject({ state: "ERROR" });
    await scene.produce(6, 5);
    await scene.look();
    expect(await store.listBatches({ group: "sums", limit: 10 })).toHaveLength(1);
    isBroken = false;
    expect(await scene.rerun(1)).toMatchObject({ state: "FINISHED", result: [1, 2, 3, 4, 5] });
    await scene.look();
    expect(await scene.ended(2)).toMatchObject({ state: "FINISHED", result: [6, 7, 8, 9, 10] });
  });

  test("a batch that is given up is left out, and its run ends when it is tried again all the same", async () => {
    const scene = await start(job({ handle: () => Promise.reject(new Error("broke")) }));
    await scene.produce(1, 5);
    await scene.look();
    await scene.ended(1);
    await store.giveUpBatch("sums", 1, "ada");
    expect(await scene.rerun(1)).toMatchObject({ state: "ERROR", code: "BATCH_CLOSED" });
    await scene.produce(6, 5);
    await scene.look();
    expect(await store.findBatch("sums", 2)).toMatchObject({ records: 5, state: "open" });
    await scene.ended(2);
  });

  test("partitions that are added while a batch is open change nothing of it, and their records are in the next one", async () => {
    const scene = await start(
      job({
        handle: async (batch, ctx) => {
          const log = reachOf(ctx).log;
          if (batch.number === 1) {
            const state = await log.declareTopic({ name: "orders", partitions: 4, retentionMs: undefined });
            const value = new TextEncoder().encode('{"id":99}');
            const records = Array.from({ length: 5 }, () => ({ key: null, value, headers: [], timeMs: 0 }));
            await log.append({ topic: state, parts: [{ partition: 3, records }] });
          }
          return await idsOf(batch, ctx);
        },
      }),
    );
    await scene.produce(1, 5);
    await scene.look();
    expect(await scene.ended(1)).toMatchObject({ result: [1, 2, 3, 4, 5] });
    await scene.look();
    expect(await scene.ended(2)).toMatchObject({ result: [99, 99, 99, 99, 99] });
  });

  test("a topic that is made anew while a batch is open is told, by the run and by who makes batches", async () => {
    const scene = await start(
      job({
        handle: async (batch, ctx) => {
          const { log } = reachOf(ctx);
          const topic = await log.findTopic("orders");
          if (topic !== undefined) await log.deleteTopic(topic);
          await log.declareTopic({ name: "orders", partitions: 2, retentionMs: undefined });
          return await idsOf(batch, ctx);
        },
      }),
    );
    await scene.produce(1, 5);
    await scene.look();
    const ended = await scene.ended(1);
    expect(ended.state).toBe("ERROR");
    expect(ended.code).toMatch(/^TOPIC_(?:CHANGED|UNKNOWN)$/);
    await store.giveUpBatch("sums", 1, "ada");
    await scene.produce(6, 5);
    await scene.look();
    await scene.look();
    expect(scene.errors.map(({ code }) => code)).toEqual(["TOPIC_CHANGED"]);
    expect(await store.findBatch("sums", 2)).toBeUndefined();
  });

  test("records that do not fit the schema are left out, and are dead letters when their batch is done", async () => {
    const strict = defineTopic({ name: "orders", partitions: 2, schema: z.object({ id: z.number().max(3) }) });
    let tries = 0;
    const scene = await start(
      job({
        topic: strict,
        handle: async (batch, ctx) => {
          const ids = [...((await idsOf(batch, ctx)) as number[]), ...((await idsOf(batch, ctx)) as number[])];
          const open = await store.listDeadLetters({ group: "sums", limit: 10 });
          tries += 1;
          if (tries === 1) throw new Error("broke");
          return { ids, open: open.length };
        },
      }),
    );
    await scene.produce(1, 5);
    await scene.look();
    expect(await scene.ended(1)).toMatchObject({ state: "ERROR" });
    expect(await scene.rerun(1)).toMatchObject({ state: "FINISHED", result: { ids: [1, 2, 3, 1, 2, 3], open: 0 } });
    const letters = await store.listDeadLetters({ group: "sums", limit: 10 });
    expect(letters.map(({ errorCode, errorMessage }) => `${errorCode} ${errorMessage}`).toSorted()).toEqual([
      "RECORD_INVALID record 1 of partition 0 of topic `orders` does not fit the schema, at: `id`",
      "RECORD_INVALID record 2 of partition 1 of topic `orders` does not fit the schema, at: `id`",
    ]);
    expect(await expectFailure(store.retryDeadLetters({ group: "sums", limit: 10 }))).toMatchObject({
      code: "TRANSITION_INVALID",
    });
  });

  test("queries leave the same records out; what a lost attempt left out is a dead letter all the same", async () => {
    const strict = defineTopic({ name: "orders", partitions: 2, schema: z.object({ id: z.number().max(3) }) });
    let tries = 0;
    const scene = await start(
      job({
        topic: strict,
        handle: async (_batch, ctx) => {
          const summed = await ctx.step("sum", async () => await ctx.sql`select sum(id)::int as total from batch`);
          tries += 1;
          if (tries === 1) throw new Error("broke");
          return summed[0];
        },
      }),
    );
    await scene.produce(1, 5);
    await scene.look();
    await scene.ended(1);
    expect(await scene.rerun(1)).toMatchObject({ state: "FINISHED", result: { total: 6 } });
    expect(await store.listDeadLetters({ group: "sums", limit: 10 })).toHaveLength(2);
  });

  test("large values are read in the place of their tokens, by handlers and by queries", async () => {
    const large = defineTopic<"orders", { id: number; note: string }>({
      name: "orders",
      partitions: 2,
      claimCheck: { above: "1KB" },
    });
    const fill = defineJob({
      name: "fill",
      execute: async (ctx) => {
        const values = Array.from({ length: 5 }, (_, id) => ({ id, note: "x".repeat(id * 1_000) }));
        return await ctx.produce(large, values);
      },
    });
    const sums = streamJob({
      name: "sums",
      topic: large,
      batch: { records: 5 },
      retry: { maxRetries: 0 },
      handle: async (batch, ctx) => {
        let length = 0;
        for await (const { note } of batch.values()) length += note.length;
        const [row] = await ctx.sql`select sum(length(note))::int as length, count(distinct id)::int as n from batch`;
        return { length, row };
      },
    });
    const scene = await start(fill, sums);
    expect(await scene.run(fill)).toMatchObject({ state: "FINISHED" });
    await scene.look();
    expect(await scene.ended(1)).toMatchObject({
      state: "FINISHED",
      result: { length: 10_000, row: { length: 10_000, n: 5 } },
    });
  });

  test("a batch with more than a thousand records that do not fit fails, and nothing of it is a dead letter", async () => {
    const strict = defineTopic({ name: "orders", partitions: 2, schema: z.object({ id: z.number().max(3) }) });
    const scene = await start(job({ topic: strict, batch: { records: 1_004 }, handle: idsOf }));
    await scene.produce(1, 1_004);
    await scene.look();
    const ended = await scene.ended(1);
    expect(ended).toMatchObject({ state: "ERROR", code: "RECORD_INVALID" });
    expect(ended.message).toMatch(
      /^1000 records do not fit before this one: record \d+ of partition \d of topic `orders`/,
    );
    expect(await store.listDeadLetters({ group: "sums", limit: 10 })).toEqual([]);
    expect(await store.findBatch("sums", 1)).toMatchObject({ state: "open" });
  });

  test("a value of more than eight mebibytes is no row of a query, which says where it is, and a handler reads it", async () => {
    const large = defineTopic<"orders", { id: number; note: string }>({
      name: "orders",
      partitions: 2,
      claimCheck: { above: "1MB" },
    });
    const fill = defineJob({
      name: "fill",
      execute: async (ctx) => await ctx.produce(large, [{ id: 1, note: "x".repeat(8 * 1024 * 1024) }]),
    });
    const sums = streamJob({
      name: "sums",
      topic: large,
      batch: { records: 1 },
      retry: { maxRetries: 0 },
      handle: async (batch, ctx) => {
        let length = 0;
        for await (const { note } of batch.values()) length += note.length;
        const rows = await ctx.sql`select id from batch`.catch((error: unknown) => error);
        return {
          length,
          code: rows instanceof Error && "code" in rows ? String(rows.code) : "none",
          said: String(rows),
        };
      },
    });
    const scene = await start(fill, sums);
    await scene.run(fill);
    await scene.look();
    expect(await scene.ended(1)).toMatchObject({
      state: "FINISHED",
      result: {
        length: 8 * 1024 * 1024,
        code: "SOURCE_UNREADABLE",
        said: expect.stringMatching(/record 0 of partition \d of topic `orders` has a value of \d+ bytes/) as string,
      },
    });
  });

  test("a record whose token is none is left out by handlers and by queries, and the others are worked through", async () => {
    const plain = defineTopic<"orders", { id: number }>({ name: "orders", partitions: 1 });
    const fill = defineJob({
      name: "fill",
      execute: async (ctx) => {
        await ctx.produce(plain, [{ id: 1 }, { id: 2 }]);
        return await ctx.produce(plain, [{ id: 3 }], { headers: { "millrace-claim-check": "sha256" } });
      },
    });
    const sums = streamJob({
      name: "sums",
      topic: plain,
      batch: { records: 3 },
      retry: { maxRetries: 0 },
      handle: async (batch, ctx) => {
        let total = 0;
        for await (const { id } of batch.values()) total += id;
        const [row] = await ctx.sql`select sum(id)::int as total from batch`;
        return { total, row };
      },
    });
    const scene = await start(fill, sums);
    expect(await scene.run(fill)).toMatchObject({ state: "FINISHED" });
    await scene.look();
    expect(await scene.ended(1)).toMatchObject({ state: "FINISHED", result: { total: 3, row: { total: 3 } } });
    expect(await store.listDeadLetters({ group: "sums", limit: 10 })).toMatchObject([{ errorCode: "RECORD_INVALID" }]);
  });
});
