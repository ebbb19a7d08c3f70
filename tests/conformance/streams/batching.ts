// Batches of topics: each is made once of what had come, is the same for whoever reads it, and ends once.
import { expect, test } from "vitest";
import type { GroupDeclaration, RecordBlock } from "../../../src/core/stream/stream-ledger.ts";
import type { TopicState } from "../../../src/core/stream/stream-log.ts";
import type { TopicRange } from "../../../src/core/stream/topic-reader.ts";
import type { BatchSight, NewBatch } from "../../../src/store/streams/batches/batch-store.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { createStoreFixture, type CreateStore, newRun, type StoreFixture } from "../store/store-fixture.ts";

const minuteMs = 60_000;

async function withStore(createStore: CreateStore, work: (fixture: StoreFixture) => Promise<void>): Promise<void> {
  await using fixture = await createStoreFixture(createStore);
  await work(fixture);
}

function block(partition: number, count: number, more: Partial<RecordBlock> = {}): RecordBlock {
  return {
    partition,
    count,
    bytes: count * 10,
    minTimeMs: 1_000,
    maxTimeMs: 2_000,
    payload: new Uint8Array([1]),
    ...more,
  };
}

async function append(store: StoreFixture["store"], topic: TopicState, ...blocks: RecordBlock[]): Promise<void> {
  await store.appendBlocks([{ topicId: topic.id, blocks }]);
}

async function look(
  { store }: Pick<StoreFixture, "store">,
  { startAt = "earliest" }: Partial<Pick<GroupDeclaration, "startAt">> = {},
): Promise<BatchSight> {
  const topics = await store.listTopics();
  const { sights } = await store.lookAtBatches([{ group: "sums", job: "sums", topics, startAt }]);
  const [sight] = sights;
  if (sight === undefined) throw new Error("no sight");
  return sight;
}

function show(ranges: readonly TopicRange[]): string[] {
  return ranges.map(({ topic, partition, from, to }) => `${topic.name}/${partition}/${from}-${to}`).toSorted();
}

const noLimits = { records: undefined, bytes: undefined, untilMs: undefined };

function toBatch(ranges: readonly TopicRange[], number = 1): NewBatch {
  const params = { batch: `sums/${number}` };
  return {
    group: "sums",
    number,
    job: "sums",
    because: "records",
    records: 10,
    bytes: 100,
    firstAtMs: 5,
    minTimeMs: 1_000,
    maxTimeMs: 2_000,
    ranges,
    submission: { runs: [newRun({ job: "sums", params })], edges: [], runKey: `sums ${number}` },
  };
}

/** A batch of all that waits, and the run that has it. */
async function openAll(fixture: StoreFixture, number = 1): Promise<TopicRange[]> {
  const { waiting } = await look(fixture);
  const ranges = waiting.filter(({ from, to }) => from < to);
  expect(await fixture.store.openBatch(toBatch(ranges, number))).toBeDefined();
  return ranges;
}

export function describeBatching(createStore: CreateStore): void {
  describeWaiting(createStore);
  describeEnding(createStore);
}

function describeWaiting(createStore: CreateStore): void {
  test("what waits of a topic is measured without its records, by partition, and of a block the part that waits", () =>
    withStore(createStore, async ({ store, clock }) => {
      const topic = await store.declareTopic({ name: "orders", partitions: 2, retentionMs: undefined });
      await append(store, topic, block(0, 4), block(1, 10));
      const firstAtMs = clock.now();
      clock.advance(minuteMs);
      await append(store, topic, block(0, 6, { bytes: 61, minTimeMs: 500, maxTimeMs: 9_000 }));
      const { waiting, lastNumber, open } = await look({ store });
      expect([show(waiting), lastNumber, open]).toEqual([["orders/0/0-10", "orders/1/0-10"], 0, undefined]);
      expect(await store.measureBlocks(waiting)).toEqual([
        { records: 10, bytes: 101, firstAtMs, minTimeMs: 500, maxTimeMs: 9_000 },
        { records: 10, bytes: 100, firstAtMs, minTimeMs: 1_000, maxTimeMs: 2_000 },
      ]);
      const part = waiting.map((range) => ({ ...range, from: 5, to: 7 }));
      expect(await store.measureBlocks(part)).toMatchObject([
        { records: 2, bytes: 21, firstAtMs: firstAtMs + minuteMs },
        { records: 2, bytes: 20 },
      ]);
      expect(await store.measureBlocks([{ topic, partition: 0, from: 10, to: 10 }])).toEqual([undefined]);
    }));

  test("a batch takes blocks in the order in which they came, records exactly, bytes to the end of a block", () =>
    withStore(createStore, async ({ store, clock }) => {
      const topic = await store.declareTopic({ name: "orders", partitions: 2, retentionMs: undefined });
      for (const partition of [0, 1, 0]) {
        clock.advance(minuteMs);
        await append(store, topic, block(partition, 10));
      }
      const { waiting } = await look({ store });
      const cut = async (limits: Partial<typeof noLimits> | object) =>
        show(await store.cutBlocks(waiting, { ...noLimits, ...limits }));
      expect(await cut({ records: 13 })).toEqual(["orders/0/0-10", "orders/1/0-3"]);
      expect(await cut({ records: 25 })).toEqual(["orders/0/0-15", "orders/1/0-10"]);
      expect(await cut({ bytes: 101 })).toEqual(["orders/0/0-10", "orders/1/0-10"]);
      expect(await cut({ records: 5, bytes: 1_000 })).toEqual(["orders/0/0-5"]);
      expect(await cut({ untilMs: clock.now() - 1 })).toEqual(["orders/0/0-10", "orders/1/0-10"]);
      expect(await cut({})).toEqual(["orders/0/0-20", "orders/1/0-10"]);
    }));

  test("blocks of a partition keep their order when the clock was set back", () =>
    withStore(createStore, async ({ store, clock }) => {
      const topic = await store.declareTopic({ name: "orders", partitions: 1, retentionMs: undefined });
      await append(store, topic, block(0, 10));
      clock.advance(-10 * minuteMs);
      await append(store, topic, block(0, 10));
      const { waiting } = await look({ store });
      expect(show(await store.cutBlocks(waiting, { ...noLimits, records: 15 }))).toEqual(["orders/0/0-15"]);
    }));

  test("`latest` begins with what comes after the first look, and a partition that is added later at its start", () =>
    withStore(createStore, async ({ store }) => {
      const topic = await store.declareTopic({ name: "orders", partitions: 1, retentionMs: undefined });
      await append(store, topic, block(0, 10));
      expect(show((await look({ store }, { startAt: "latest" })).waiting)).toEqual(["orders/0/10-10"]);
      const raised = await store.declareTopic({ name: "orders", partitions: 2, retentionMs: undefined });
      await append(store, raised, block(0, 1), block(1, 3));
      expect(show((await look({ store }, { startAt: "latest" })).waiting)).toEqual(["orders/0/10-11", "orders/1/0-3"]);
    }));

  test("a topic that was made anew is told, and nothing of it waits", () =>
    withStore(createStore, async ({ store }) => {
      const topic = await store.declareTopic({ name: "orders", partitions: 1, retentionMs: undefined });
      await look({ store });
      await store.deleteTopic(topic.id);
      const anew = await store.declareTopic({ name: "orders", partitions: 1, retentionMs: undefined });
      await append(store, anew, block(0, 10));
      expect(await look({ store })).toMatchObject({ waiting: [], changedTopics: ["orders"] });
    }));
}

function describeEnding(createStore: CreateStore): void {
  test("a batch is made once, whoever looks, and the group has one that is open", () =>
    withStore(createStore, async (fixture) => {
      const { store } = fixture;
      const topic = await store.declareTopic({ name: "orders", partitions: 1, retentionMs: undefined });
      await append(store, topic, block(0, 10));
      const { waiting } = await look(fixture);
      const made = await Promise.all([store.openBatch(toBatch(waiting)), store.openBatch(toBatch(waiting))]);
      expect(made.filter((runId) => runId !== undefined)).toHaveLength(1);
      await append(store, topic, block(0, 10));
      expect(await store.openBatch(toBatch([{ topic, partition: 0, from: 0, to: 20 }], 2))).toBeUndefined();
      expect(await look(fixture)).toMatchObject({ lastNumber: 1, open: { number: 1 } });
      expect((await store.listRuns({ limit: 10 })).map(({ params }) => params)).toEqual([{ batch: "sums/1" }]);
    }));

  test("the end of a batch moves the group, once, and only for the run that has it", () =>
    withStore(createStore, async (fixture) => {
      const { store } = fixture;
      const topic = await store.declareTopic({ name: "orders", partitions: 2, retentionMs: undefined });
      await append(store, topic, block(0, 10), block(1, 5));
      const ranges = await openAll(fixture);
      const run = await fixture.claimOne(await fixture.worker());
      expect(await store.findBatch("sums", 1)).toMatchObject({ state: "open", runId: run.runId, ranges, records: 10 });
      expect(await store.listOpenBatches()).toMatchObject([{ group: "sums", number: 1, run: "unfinished" }]);
      const stale = { runId: run.runId, epoch: run.epoch + 1 };
      expect(await expectFailure(store.endBatch(stale, "sums", 1, null))).toMatchObject({ code: "RUN_LOST" });
      await store.endBatch(run, "sums", 1, { rows: 3 });
      await store.endBatch(run, "sums", 1, { rows: 4 });
      expect(await store.findBatch("sums", 1)).toMatchObject({ state: "done", result: { rows: 3 } });
      expect(await store.listOpenBatches()).toEqual([]);
      await fixture.finish(run);
      await append(store, topic, block(1, 1));
      expect(await look(fixture)).toMatchObject({
        lastNumber: 1,
        open: undefined,
        waiting: [
          { partition: 0, from: 10, to: 10 },
          { partition: 1, from: 5, to: 6 },
        ],
      });
      const other = await fixture.submit();
      const foreign = await fixture.claimOne(await fixture.worker("other"));
      expect(foreign.runId).toBe(other);
      expect(await expectFailure(store.endBatch(foreign, "sums", 1, null))).toMatchObject({ code: "BATCH_CLOSED" });
      await fixture.finish(foreign);
    }));

  test("a batch whose run has failed is left out when a person gives it up, and not while the run is under way", () =>
    withStore(createStore, async (fixture) => {
      const { store } = fixture;
      const topic = await store.declareTopic({ name: "orders", partitions: 1, retentionMs: undefined });
      await append(store, topic, block(0, 10));
      await openAll(fixture);
      const run = await fixture.claimOne(await fixture.worker());
      expect(await expectFailure(store.giveUpBatch("sums", 1, "ada"))).toMatchObject({ code: "TRANSITION_INVALID" });
      await fixture.fail(run);
      expect(await look(fixture)).toMatchObject({ open: { number: 1, isRunGone: false } });
      const { runId } = run;
      expect(await store.listOpenBatches()).toMatchObject([{ group: "sums", number: 1, runId, run: "ended" }]);
      const submission = { runs: [newRun({ job: "sums" })], edges: [] };
      expect(await store.reopenBatch({ group: "sums", number: 1, submission })).toBeUndefined();
      await store.giveUpBatch("sums", 1, "ada");
      expect(await store.listBatches({ group: "sums", limit: 5 })).toMatchObject([
        { number: 1, state: "given_up", endedBy: "ada" },
      ]);
      expect(await look(fixture)).toMatchObject({ open: undefined, waiting: [{ from: 10, to: 10 }] });
      expect(await expectFailure(store.giveUpBatch("sums", 1, "ada"))).toMatchObject({ code: "BATCH_CLOSED" });
      expect(await expectFailure(store.giveUpBatch("sums", 2, "ada"))).toMatchObject({ code: "BATCH_UNKNOWN" });
    }));

  test("a group passes offsets without a record where it stands before them, and not while a batch is open", () =>
    withStore(createStore, async (fixture) => {
      const { store } = fixture;
      const topic = await store.declareTopic({ name: "orders", partitions: 2, retentionMs: undefined });
      await append(store, topic, block(0, 10), block(1, 10));
      await look(fixture);
      const holes = (from: number, to: number) => [{ topic, partition: 0, from, to }];
      await store.passHoles("sums", [...holes(0, 4), { topic, partition: 1, from: 5, to: 10 }]);
      expect(show((await look(fixture)).waiting)).toEqual(["orders/0/4-10", "orders/1/0-10"]);
      await openAll(fixture);
      await store.passHoles("sums", holes(4, 10));
      expect(show((await look(fixture)).waiting)).toEqual(["orders/0/4-10", "orders/1/0-10"]);
    }));

  test("history keeps the run of an open batch, which may be tried again, and lets go of it behind the batch", () =>
    withStore(createStore, async (fixture) => {
      const { store } = fixture;
      const topic = await store.declareTopic({ name: "orders", partitions: 1, retentionMs: undefined });
      await append(store, topic, block(0, 10));
      await openAll(fixture);
      const run = await fixture.claimOne(await fixture.worker());
      await fixture.fail(run);
      const old = { endedBeforeMs: (await store.readClockMs()) + minuteMs, limit: 10 };
      expect(await store.removeHistory(old)).toBe(0);
      expect(await store.findRun(run.runId)).toMatchObject({ state: "ERROR" });
      await store.giveUpBatch("sums", 1, "ada");
      expect(await store.removeHistory(old)).toBe(1);
      expect(await store.findRun(run.runId)).toBeUndefined();
    }));

  test("where a person has put the group meanwhile it stays, and records that retention took are passed with the batch", () =>
    withStore(createStore, async (fixture) => {
      const { store } = fixture;
      const topic = await store.declareTopic({ name: "orders", partitions: 1, retentionMs: undefined });
      await append(store, topic, block(0, 10), block(0, 10));
      await look(fixture);
      await store.truncateTopic({ topicId: topic.id, partition: 0, before: 10 });
      expect(show(await openAll(fixture))).toEqual(["orders/0/10-20"]);
      const first = await fixture.claimOne(await fixture.worker());
      await store.endBatch(first, "sums", 1, null);
      await fixture.finish(first);
      expect(show((await look(fixture)).waiting)).toEqual(["orders/0/20-20"]);
      await append(store, topic, block(0, 10));
      await openAll(fixture, 2);
      const second = await fixture.claimOne(await fixture.worker("second"));
      await store.seekGroup("sums", [{ topic: "orders", topicId: topic.id, partition: 0, offset: 15 }], {
        force: false,
      });
      await store.endBatch(second, "sums", 2, null);
      await fixture.finish(second);
      expect(show((await look(fixture)).waiting)).toEqual(["orders/0/15-30"]);
    }));

  test("a retried run has the same batch, also when more has come and partitions were added", () =>
    withStore(createStore, async (fixture) => {
      const { store } = fixture;
      const topic = await store.declareTopic({ name: "orders", partitions: 1, retentionMs: undefined });
      await append(store, topic, block(0, 10));
      const ranges = await openAll(fixture);
      const workerId = await fixture.worker();
      const first = await fixture.claimOne(workerId);
      await fixture.fail(first);
      const raised = await store.declareTopic({ name: "orders", partitions: 3, retentionMs: undefined });
      await append(store, raised, block(0, 10), block(2, 4));
      await store.control({ action: "rerun", target: { runId: first.runId }, by: "ada" });
      const again = await fixture.claimOne(workerId);
      expect(again).toMatchObject({ runId: first.runId, params: { batch: "sums/1" } });
      expect((await store.findBatch("sums", 1))?.ranges).toEqual(ranges);
      await store.endBatch(again, "sums", 1, null);
      await fixture.finish(again);
      expect(show((await look(fixture)).waiting)).toEqual(["orders/0/10-20", "orders/1/0-0", "orders/2/0-4"]);
    }));
}
