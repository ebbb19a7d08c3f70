// What people see of topics and groups and do with them, over the handlers of the API and a real store.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { JoinWrite } from "../../../../src/core/stream/join-ledger.ts";
import { defineTopic } from "../../../../src/core/stream/topic.ts";
import { defineJob, type Job, withStream } from "../../../../src/core/job/job.ts";
import { maxCrashes } from "../../../../src/orchestrator/streams/decide-replicas.ts";
import { createStreamMetrics } from "../../../../src/server/http/stream-metrics.ts";
import { encodeRecord } from "../../../../src/stream/records/record-block.ts";
import {
  block,
  createLedgerFixture,
  delivery,
  firstOf,
  type LedgerFixture,
  letterOf,
  move,
} from "../../../conformance/streams/ledger-fixture.ts";
import type { StreamStores } from "../../../conformance/streams/stream-stores.ts";
import { createRestCaller, type RestCaller } from "../../../support/server/rest-fixture.ts";

const orders = defineTopic({
  name: "orders",
  partitions: 2,
  schema: z.object({ id: z.string(), total: z.number() }),
  key: (order) => order.id,
});

/** Asks both databases. */
export function describeStreamRoutes(open: () => StreamStores): void {
  describe("the routes of streams", () => {
    let stores: StreamStores;

    beforeAll(() => {
      stores = open();
    });

    afterAll(async () => {
      await stores[Symbol.asyncDispose]();
    });

    const start = async (jobs: readonly Job[] = []): Promise<Started> => {
      const fixture = await createLedgerFixture(stores.create);
      const rest = createRestCaller(fixture.store, jobs, [orders]);
      return { fixture, ...rest, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() };
    };

    it("appends records whole or not at all, and names the one that does not fit", async () => {
      await using rest = await start();
      const params = { topic: "orders" };
      const produced = await rest.call("produceRecords", { params, body: { records: [order("a", 1), order("b", 2)] } });
      expect(produced.records).toBe(2);
      const refused = await rest.refusal("produceRecords", {
        params,
        body: { records: [order("c", 3), { value: { id: "d", total: "4" } }] },
      });
      expect(refused.code).toBe("RECORD_INVALID");
      expect(refused.details?.["issues"]).toMatchObject([{ path: "body.records.1.value" }]);
      expect(await rest.call("showTopic", { params })).toMatchObject({ records: 2, partitions: 2, defined: true });
    });

    it("appends the same call once, and calls of two callers twice", async () => {
      await using rest = await start();
      const params = { topic: "orders" };
      const body = { records: [order("a", 1), order("b", 2), order("c", 3)], idempotency_key: "import 7" };
      const first = await rest.call("produceRecords", { params, body });
      expect(await rest.call("produceRecords", { params, body })).toEqual(first);
      expect((await rest.call("showTopic", { params })).records).toBe(3);
      await rest.call("produceRecords", { params, body }, { tokenId: "t2" });
      expect((await rest.call("showTopic", { params })).records).toBe(6);
    });

    it("makes no topic that the project does not define", async () => {
      await using rest = await start();
      const body = { records: [{ value: 1 }] };
      const refused = await rest.refusal("produceRecords", { params: { topic: "ordes" }, body });
      expect(refused).toMatchObject({
        code: "TOPIC_UNKNOWN",
        message: "unknown topic `ordes`, did you mean `orders`?",
      });
      await rest.fixture.topic("events", 1);
      await rest.call("produceRecords", { params: { topic: "events" }, body: { records: [{ value: 1, key: "k" }] } });
      const { items } = await rest.call("peekRecords", { params: { topic: "events" } });
      expect(items).toMatchObject([{ key: { text: "k" }, value: { json: 1 } }]);
    });

    it("peeks at the newest, from a place, from a time, and of a key", async () => {
      await using rest = await start();
      const topic = await rest.fixture.topic("events", 2);
      const params = { topic: topic.name };
      const records = Array.from({ length: 30 }, (_, n) => {
        return { value: n, key: `k${n % 3}`, at: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString() };
      });
      await rest.call("produceRecords", { params, body: { records } });
      const peek = async (query: Record<string, string>): Promise<readonly unknown[]> =>
        (await rest.call("peekRecords", { params, query })).items.map(({ value }) => value.json);
      expect(await peek({ limit: "3" })).toEqual([27, 28, 29]);
      expect(await peek({ limit: "3", from: "start" })).toEqual([0, 1, 2]);
      expect(await peek({ limit: "2", since: "2026-01-01T00:10:00Z" })).toEqual([10, 11]);
      expect(await peek({ key: "k1", from: "start", limit: "3" })).toEqual([1, 4, 7]);
      expect(await peek({ key: "k1", limit: "2" })).toEqual([25, 28]);
      const refused = await rest.refusal("peekRecords", { params, query: { offset: "3" } });
      expect(refused.code).toBe("REQUEST_INVALID");
    });

    it("goes on with a cursor over all partitions, without a gap or a record twice", async () => {
      await using rest = await start();
      const params = { topic: (await rest.fixture.topic("events", 3)).name };
      const produce = async (from: number): Promise<void> => {
        const records = Array.from({ length: 20 }, (_, n) => ({ value: from + n, key: `k${n}` }));
        await rest.call("produceRecords", { params, body: { records } });
      };
      await produce(0);
      const seen: unknown[] = [];
      let page = await rest.call("peekRecords", { params, query: { from: "start", limit: "7" } });
      for (let round = 0; round < 12; round += 1) {
        seen.push(...page.items.map(({ value }) => value.json));
        if (round === 4) await produce(20);
        page = await rest.call("peekRecords", { params, query: { cursor: page.next_cursor, limit: "7" } });
      }
      expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 40 }, (_, n) => n));
      expect(page).toMatchObject({ items: [], complete: true });
    });

    it("tells how far behind a group is, who works on it, and what it gave up", async () => {
      await using rest = await start();
      const { fixture } = rest;
      const topic = await fixture.topic("events", 1);
      const records = [1, 2, 3].map((value) => ({ value, at: "1970-01-01T00:00:01Z" }));
      await rest.call("produceRecords", { params: { topic: "events" }, body: { records } });
      const fence = await fixture.member();
      const held = firstOf(await fixture.claim(fence, topic));
      await fixture.store.deliver(fence, delivery([move(topic, held, 0, 1)], { deadLetters: [letter(topic)] }));
      expect(await rest.call("listGroups")).toMatchObject({
        items: [{ group: "ship", topics: ["events"], members: 1, lag: 2, dead_letters: 1, parked: 0 }],
      });
      const group = await rest.call("showGroup", { params: { group: "ship" } });
      const run = `r${fence.runId}`;
      expect(group.runs).toMatchObject([{ run_id: run, partitions: [0] }]);
      expect(group.partitions).toMatchObject([{ partition: 0, offset: 1, end: 3, lag: 2, run_id: run }]);
      expect(group.lag_ms).toBeGreaterThan(0);
      expect(await rest.call("listTopics")).toMatchObject({ items: [{ topic: "events", groups: [{ lag: 2 }] }] });
      expect(await rest.refusal("showGroup", { params: { group: "shop" } })).toMatchObject({
        code: "GROUP_UNKNOWN",
        message: "unknown group `shop`, did you mean `ship`?",
      });
    });

    it("previews a seek, then puts the group there and takes its partitions away", async () => {
      await using rest = await start();
      const { fixture } = rest;
      const topic = await fixture.topic("events", 1);
      const records = [1, 2, 3, 4].map((value) => ({ value }));
      await rest.call("produceRecords", { params: { topic: "events" }, body: { records } });
      const fence = await fixture.member();
      const held = firstOf(await fixture.claim(fence, topic));
      await fixture.store.deliver(fence, delivery([move(topic, held, 0, 3)]));
      const params = { group: "ship" };
      const back = { to: "start", preview: true };
      expect(await rest.call("seekGroup", { params, body: back })).toMatchObject({ again: 3, changed: false });
      expect((await rest.call("showGroup", { params })).lag).toBe(1);
      const done = await rest.call("seekGroup", { params, body: { to: "start", reason: "a bug" } });
      expect(done).toMatchObject({ moves: [{ from: 3, to: 0 }], changed: true });
      expect((await rest.call("showGroup", { params })).lag).toBe(4);
      await expect(fixture.store.deliver(fence, delivery([move(topic, held, 3, 4)]))).rejects.toMatchObject({
        code: "PARTITION_LOST",
      });
      const far = await rest.refusal("seekGroup", { params, body: { offset: 9, partition: 0 } });
      expect(far.code).toBe("REQUEST_INVALID");
      expect((await rest.refusal("seekGroup", { params, body: {} })).code).toBe("REQUEST_INVALID");
    });

    it("retries a dead letter with another value, once, and only where the topic takes it", async () => {
      await using rest = await start();
      const { fixture } = rest;
      await rest.call("produceRecords", { params: { topic: "orders" }, body: { records: [order("a", 1)] } });
      const topic = await fixture.topic("orders", 2);
      const fence = await fixture.member();
      const held = (await fixture.claim(fence, topic)).held;
      const [first] = held;
      if (first === undefined) throw new Error("nothing was claimed");
      await fixture.store.deliver(fence, delivery([{ ...first, moves: [] }], { deadLetters: [letter(topic)] }));
      const { items, open } = await rest.call("listDeadLetters");
      expect(open).toBe(1);
      expect(JSON.stringify(items)).not.toContain("oops");
      const id = items[0]?.id ?? 0;
      const params = { dead_letter_id: String(id) };
      expect(await rest.call("showDeadLetter", { params })).toMatchObject({
        state: "open",
        key: { text: "a" },
        value: { json: { id: "a", total: "oops" } },
        headers: [{ name: "source", value: { text: "shop" } }],
      });
      const wrong = { ids: [id], value: { id: "a", total: "still" } };
      expect((await rest.refusal("retryDeadLetters", { body: wrong })).code).toBe("RECORD_INVALID");
      const right = { ids: [id], value: { id: "a", total: 7 } };
      expect(await rest.call("retryDeadLetters", { body: right })).toEqual({ count: 1, changed: true });
      const parked = await fixture.store.listParked({ group: "ship", partition: 0, afterId: 0, limit: 10 });
      expect(parked).toHaveLength(1);
      expect((await rest.refusal("retryDeadLetters", { body: { ids: [id] } })).code).toBe("TRANSITION_INVALID");
      expect((await rest.call("listDeadLetters", { query: { state: "open" } })).items).toEqual([]);
    });

    it("counts what would be discarded before it discards all of a group", async () => {
      await using rest = await start();
      const { fixture } = rest;
      const topic = await fixture.topic("events", 1);
      const fence = await fixture.member();
      const held = firstOf(await fixture.claim(fence, topic));
      const deadLetters = [0, 1, 2].map((offset) => ({ ...letter(topic), offset }));
      await fixture.store.deliver(fence, delivery([{ ...held, moves: [] }], { deadLetters }));
      const body = { group: "ship" };
      expect(await rest.call("discardDeadLetters", { body: { ...body, preview: true } })).toEqual({
        count: 3,
        changed: false,
      });
      expect(await rest.call("discardDeadLetters", { body })).toEqual({ count: 3, changed: true });
      expect(await rest.call("listDeadLetters")).toMatchObject({ open: 0, items: [{ state: "discarded" }, {}, {}] });
      expect((await rest.refusal("discardDeadLetters", { body: {} })).code).toBe("REQUEST_INVALID");
    });

    it("trims what all have read, and more only when it is told so", async () => {
      await using rest = await start();
      const { fixture } = rest;
      const topic = await fixture.topic("events", 1);
      for (const value of [1, 2, 3]) {
        await rest.call("produceRecords", { params: { topic: "events" }, body: { records: [{ value }] } });
      }
      const fence = await fixture.member();
      const held = firstOf(await fixture.claim(fence, topic));
      await fixture.store.deliver(fence, delivery([move(topic, held, 0, 2)]));
      const params = { topic: "events" };
      const all = { all: true, preview: true };
      expect(await rest.call("trimTopic", { params, body: all })).toMatchObject({
        records: 3,
        unread_by: [{ group: "ship", lag: 1 }],
        changed: false,
      });
      expect((await rest.refusal("trimTopic", { params, body: { all: true } })).code).toBe("REQUEST_INVALID");
      await rest.call("trimTopic", { params, body: { before: 2, partition: 0 } });
      expect(await rest.call("showTopic", { params })).toMatchObject({ records: 1, bounds: [{ start: 2, end: 3 }] });
      await rest.call("trimTopic", { params, body: { all: true, unread: true } });
      expect((await rest.call("showTopic", { params })).records).toBe(0);
    });

    it("counts the keys of a join by what became of them", async () => {
      await using rest = await start();
      const { fixture } = rest;
      const topic = await fixture.topic("events", 1);
      const fence = await fixture.member();
      const held = firstOf(await fixture.claim(fence, topic));
      const writes = ["a", "b"].map((key) => joinOf(key));
      await fixture.store.deliver(fence, delivery([{ ...held, moves: [] }], { joins: { writes, removals: [] } }));
      const { joins } = await rest.call("showGroup", { params: { group: "ship" } });
      expect(joins).toMatchObject([{ state: "open", keys: 2, next_due_at: "1970-01-01T00:00:09.000Z" }]);
    });

    it("measures topics and groups for Prometheus", async () => {
      await using rest = await start();
      const { fixture } = rest;
      const topic = await fixture.topic("events", 2);
      const records = ["a", "b", "c", "d"].map((key) => ({ value: key, key, at: "1970-01-01T00:00:01Z" }));
      await rest.call("produceRecords", { params: { topic: "events" }, body: { records } });
      const fence = await fixture.member();
      const { held } = await fixture.claim(fence, topic);
      const [first] = held;
      if (first === undefined) throw new Error("nothing was claimed");
      await fixture.store.deliver(fence, delivery([{ ...first, moves: [] }], { deadLetters: [letter(topic)] }));
      const gauges = new Map((await createStreamMetrics(rest.services)()).map(({ name, values }) => [name, values]));
      expect(gauges.get("millrace_topic_appended_records")).toEqual([[{ topic: "events" }, 4]]);
      expect(gauges.get("millrace_group_lag_records")).toEqual([[{ group: "ship", topic: "events" }, 4]]);
      expect(gauges.get("millrace_group_members")).toEqual([[{ group: "ship" }, 1]]);
      expect(gauges.get("millrace_group_dead_letters")).toEqual([[{ group: "ship" }, 1]]);
      expect(gauges.get("millrace_group_open_batches")).toEqual([]);
      expect(gauges.get("millrace_group_parked_records")).toEqual([[{ group: "ship" }, 0]]);
      expect(gauges.get("millrace_group_lag_seconds")?.[0]?.[1]).toBeGreaterThan(0);
    });

    it("tells of a batch that nobody works on, until somebody gives it up", async () => {
      await using rest = await start();
      const { fixture } = rest;
      const { store, stores } = fixture;
      const topic = await fixture.topic("events", 1);
      await store.lookAtBatches([{ ...(await fixture.declaration([topic])), group: "sums", job: "sums" }]);
      const ranges = [{ topic, partition: 0, from: 0, to: 1 }];
      const run = { job: "sums", kind: "job", params: {}, tenant: "default", createdBy: "batch" } as const;
      const size = { records: 1, bytes: 1, firstAtMs: 0, because: "records", job: "sums" } as const;
      await store.openBatch({ ...size, group: "sums", number: 1, ranges, submission: { runs: [run], edges: [] } });
      const params = { group: "sums" };
      const list = async () => (await rest.call("listBatches", { params })).items;
      expect(await list()).toMatchObject([{ number: 1, state: "open", stuck: false }]);
      const { runId, epoch } = await stores.claimOne(await stores.worker());
      const error = { code: "JOB_FAILED", message: "broken", disposition: "fail", origin: "user-code" } as const;
      await store.settle([{ runId, epoch, end: "failed", reason: "failed", error }]);
      expect(await list()).toMatchObject([{ number: 1, state: "open", stuck: true }]);
      const gauges = new Map((await createStreamMetrics(rest.services)()).map(({ name, values }) => [name, values]));
      expect(gauges.get("millrace_group_open_batches")).toEqual([[{ group: "sums" }, 1]]);
      expect(gauges.get("millrace_group_stuck_batches")).toEqual([[{ group: "sums" }, 1]]);
      await store.appendBlocks([{ topicId: topic.id, blocks: [block(0, 1)] }]);
      await rest.call("giveUpBatch", { params: { group: "sums", batch: "1" }, body: {} });
      expect(await list()).toMatchObject([{ number: 1, state: "given_up", stuck: false }]);
    });

    it("explains why a job is not started again", async () => {
      await using rest = await start();
      const { store, stores } = rest.fixture;
      const worker = await stores.worker();
      for (let failure = 0; failure < maxCrashes; failure += 1) {
        await stores.submit({ job: "shipper" });
        const { runId, epoch } = await stores.claimOne(worker);
        const error = { code: "JOB_FAILED", message: "broken", disposition: "fail", origin: "user-code" } as const;
        await store.settle([{ runId, epoch, end: "failed", reason: "failed", error }]);
      }
      const { call } = createRestCaller(store, [shipperOf("shipper")]);
      expect(await call("explainJob", { params: { job_name: "shipper" } })).toMatchObject({
        summary: "is not started again, because its runs fail before they have handled a record",
        details: [`replica 0 failed ${maxCrashes} times in a row, last as r${maxCrashes}`],
      });
    });

    it("explains what a run does in its topics", async () => {
      await using rest = await start();
      const { fixture } = rest;
      const topic = await fixture.topic("orders", 2);
      await rest.call("produceRecords", { params: { topic: "orders" }, body: { records: [order("a", 1)] } });
      const first = await fixture.member();
      await fixture.claim(first, topic);
      const idle = [await fixture.member(), await fixture.member()];
      for (const fence of idle) await fixture.claim(fence, topic);
      const run = await fixture.store.findRun(first.runId);
      const { call } = createRestCaller(fixture.store, [shipperOf(run?.job ?? "")]);
      const why = async (runId: number): Promise<string> =>
        (await call("explainRun", { params: { run_id: `r${runId}` } })).summary;
      expect(await call("explainJob", { params: { job_name: run?.job ?? "" } })).toMatchObject({
        summary: "works through `orders` with 1 run, which schedulers keep alive",
      });
      expect(await why(first.runId)).toBe("is 1 record behind in partitions 0, 1 of `ship`");
      expect(await why(idle[1]?.runId ?? 0)).toBe("holds no partition, because `ship` has 3 members for 2 partitions");
    });

    it("starts a replay of a range, shows how far it is, and ends it", async () => {
      await using rest = await start([shipperOf("ship", "batches")]);
      const records = Array.from({ length: 6 }, (_, n) => order(`o${n}`, n));
      await rest.call("produceRecords", { params: { topic: "orders" }, body: { records } });
      const params = { job_name: "ship" };
      const started = await rest.call("startReplay", { params, body: { name: "again", from: { offset: 0 } } });
      expect(started).toMatchObject({
        replay: "ship@replay-again",
        state: "running",
        done: 0,
        total: 6,
        created_by: "ada",
        outputs: [],
        ranges: [
          { topic: "orders", partition: 0 },
          { topic: "orders", partition: 1 },
        ],
      });
      const path = { replay: started.replay };
      expect(await rest.call("showReplay", { params: path })).toEqual(started);
      const ofOthers = await rest.call("listReplays", { query: { job: "other" } });
      expect([(await rest.call("listReplays")).items, ofOthers.items]).toEqual([[started], []]);
      expect((await rest.refusal("startReplay", { params, body: { name: "again" } })).code).toBe("REPLAY_EXISTS");
      expect((await rest.refusal("swapReplay", { params: path, body: {} })).code).toBe("REPLAY_CLOSED");
      expect(await rest.call("cancelReplay", { params: path, body: {} })).toMatchObject({ state: "cancelled" });
      // its group is forgotten, and has taken no batch
      const group = { group: started.replay };
      expect(await rest.call("listBatches", { params: group })).toEqual({ items: [], next_cursor: null });
      expect((await rest.refusal("showReplay", { params: { replay: "ship@replay-9" } })).code).toBe("REPLAY_UNKNOWN");
    });

    it("replays nothing of a job that has no stream, and takes no place that is none", async () => {
      await using rest = await start([defineJob({ name: "plain", execute: () => ({}) })]);
      const params = { job_name: "plain" };
      expect((await rest.refusal("startReplay", { params, body: {} })).code).toBe("REPLAY_UNSUPPORTED");
      const wrong = { params, body: { from: { offset: 1, at: "2026-01-01T00:00:00Z" } } };
      expect((await rest.refusal("startReplay", wrong)).code).toBe("REQUEST_INVALID");
    });

    it("deletes a topic, and tells where a group was", async () => {
      await using rest = await start();
      const { fixture } = rest;
      const topic = await fixture.topic("events", 1);
      await fixture.claim(await fixture.member(), topic);
      await rest.call("deleteTopic", { params: { topic: "events" } });
      expect(await rest.call("listTopics")).toEqual({ items: [] });
      const group = await rest.call("showGroup", { params: { group: "ship" } });
      expect(group.partitions).toMatchObject([{ topic: "events", end: null, lag: 0 }]);
    });
  });
}

interface Started extends RestCaller, AsyncDisposable {
  readonly fixture: LedgerFixture;
}

function shipperOf(name: string, kind: "records" | "batches" = "records"): Job {
  return withStream(defineJob({ name, execute: () => ({}) }), {
    kind,
    group: "ship",
    topics: [orders],
    produces: [],
    stores: [],
    replicas: { min: 1, max: 1, lagPerReplica: undefined },
    trigger: undefined,
    startAt: "earliest",
  });
}

function joinOf(key: string): JoinWrite {
  return {
    partition: 0,
    key,
    state: "open",
    inputs: 1,
    firstTimeMs: 1_000,
    dueAtMs: 9_000,
    attempts: 0,
    errorCode: null,
    errorMessage: null,
    payload: Buffer.from("x"),
    hashes: [],
  };
}

function order(id: string, total: number): { readonly value: unknown } {
  return { value: { id, total } };
}

function letter(topic: Parameters<typeof letterOf>[0]): ReturnType<typeof letterOf> {
  const payload = encodeRecord({
    key: Buffer.from("a"),
    value: Buffer.from('{"id":"a","total":"oops"}'),
    headers: [{ name: "source", value: Buffer.from("shop") }],
    timeMs: Date.UTC(2026, 0, 1),
  });
  return letterOf(topic, 0, { payload, errorCode: "RECORD_INVALID", errorMessage: "value does not fit" });
}
