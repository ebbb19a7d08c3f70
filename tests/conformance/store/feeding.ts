// The stream of all runs' events: complete, in order, and the same for everybody who reads it.
import { expect, test } from "vitest";
import type { RunId } from "../../../src/core/run-id.ts";
import type { FeedEvent, FeedScope } from "../../../src/store/feed/feed-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { createStoreFixture, type CreateStore, fenceOf, newRun } from "./store-fixture.ts";

export function describeFeeding(createStore: CreateStore): void {
  test("the stream tells what happens to runs, with who they are", async () => {
    await using fixture = await createStoreFixture(createStore);
    const start = await fixture.store.feedEnd();
    expect(start).toBe("0");
    const { rootRunId } = await fixture.store.submit({
      runs: [newRun({ job: "nightly", kind: "pipeline" }), newRun({ job: "load", parent: 0 })],
      edges: [],
    });
    const worker = await fixture.worker("ada");
    fixture.clock.advance(10);
    const startedAtMs = fixture.clock.now();
    const run = await fixture.claimOne(worker);
    await fixture.store.appendEvents(run, [{ type: "note", data: { n: 1 } }, { type: "note" }]);
    fixture.clock.advance(10);
    await fixture.finish(run);
    const events = await readAll(fixture.store, start);
    const member = { runId: run.runId, job: "load", kind: "job", rootRunId, parentRunId: rootRunId };
    expect(events.filter(({ runId }) => runId === run.runId)).toMatchObject([
      { ...member, seq: 1, type: "submitted", data: { createdBy: "test" }, startedAtMs: undefined },
      { ...member, seq: 2, type: "started", data: { worker: "ada", attempt: 1, epoch: 1 } },
      { ...member, seq: 3, type: "note", data: { n: 1 } },
      { ...member, seq: 4, type: "note" },
      { ...member, seq: 5, type: "finished", startedAtMs },
    ]);
    expect(events.filter(({ runId }) => runId === rootRunId)).toMatchObject([
      { job: "nightly", kind: "pipeline", parentRunId: undefined, rootRunId, seq: 1, type: "submitted" },
      { seq: 2, type: "started" },
    ]);
    expect(await readAll(fixture.store, await fixture.store.feedEnd())).toEqual([]);
  });

  test("pages of any size join up to the same stream, each event once and by position", async () => {
    await using fixture = await createStoreFixture(createStore);
    await workOn(fixture.store, await fixture.worker(), 12);
    const whole = await readAll(fixture.store, "0", { limit: 1_000 });
    for (const limit of [1, 2, 7]) expect(await readAll(fixture.store, "0", { limit })).toEqual(whole);
    const positions = whole.map(({ position }) => Number(position));
    expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => a - b));
    expectDense(whole);
    const middle = whole[10]?.position ?? "0";
    expect(await readAll(fixture.store, middle)).toEqual(whole.slice(11));
  });

  test("a scope gives the events of a tree of runs, or of a job, and no others", async () => {
    await using fixture = await createStoreFixture(createStore);
    const tree = await fixture.store.submit({
      runs: [
        newRun({ job: "outer", kind: "pipeline" }),
        newRun({ job: "inner", kind: "pipeline", parent: 0 }),
        newRun({ job: "load", parent: 1 }),
        newRun({ job: "load", parent: 0 }),
      ],
      edges: [],
    });
    const other = await fixture.submit({ job: "load" });
    await workOn(fixture.store, await fixture.worker(), 0);
    const [outer, inner, first, second] = tree.runIds as [RunId, RunId, RunId, RunId];
    const runsOf = async (scope: FeedScope): Promise<number[]> => {
      const events = await readAll(fixture.store, "0", { scope, limit: 3 });
      expectDense(events);
      return [...new Set(events.map(({ runId }) => runId))].toSorted((a, b) => a - b);
    };
    expect(await runsOf({ rootRunId: outer })).toEqual([outer, inner, first, second]);
    expect(await runsOf({ rootRunId: inner })).toEqual([inner, first]);
    expect(await runsOf({ rootRunId: other })).toEqual([other]);
    expect(await runsOf({ job: "load" })).toEqual([first, second, other]);
    expect(await runsOf({ job: "unknown" })).toEqual([]);
  });

  test("who follows while several processes write misses nothing and gets nothing twice", async () => {
    await using fixture = await createStoreFixture(createStore);
    const stores = [fixture.store, await fixture.underTest.open(), await fixture.underTest.open()];
    const reader = await fixture.underTest.open();
    let working = true;
    const followed = follow(reader, () => working);
    await Promise.all(
      stores.map(async (store, index) => {
        const workerId = await fixture.worker(`w${index}`);
        for (let round = 0; round < 4; round += 1) await workOn(store, workerId, 6);
      }),
    );
    working = false;
    const seen = await followed;
    expect(seen).toEqual(await readAll(fixture.store, "0"));
    expectDense(seen);
    expect(new Set(seen.map(({ runId }) => runId)).size).toBe(72);
    for (const store of [...stores.slice(1), reader]) await store[Symbol.asyncDispose]();
  });

  test("a reader from before what was removed is told that it missed something", async () => {
    await using fixture = await createStoreFixture(createStore);
    const worker = await fixture.worker();
    await workOn(fixture.store, worker, 2);
    const between = await fixture.store.feedEnd();
    fixture.clock.advance(10);
    const endedBeforeMs = fixture.clock.now();
    await workOn(fixture.store, worker, 1);
    expect(await fixture.store.readFeed("0", { limit: 5 })).toMatchObject({ isComplete: true, isEnd: false });
    expect(await fixture.store.removeHistory({ endedBeforeMs, limit: 10 })).toBe(2);
    expect((await fixture.store.readFeed("0", { limit: 5 })).isComplete).toBe(false);
    const rest = await fixture.store.readFeed(between, { limit: 5 });
    expect(rest).toMatchObject({ isComplete: true, isEnd: true });
    expect(rest.events.map(({ type }) => type)).toEqual(["submitted", "started", "finished"]);
  });

  test("positions are not given again when the newest events are removed", async () => {
    await using fixture = await createStoreFixture(createStore);
    const worker = await fixture.worker();
    await workOn(fixture.store, worker, 1);
    const end = await fixture.store.feedEnd();
    fixture.clock.advance(10);
    await fixture.store.removeHistory({ endedBeforeMs: fixture.clock.now(), limit: 10 });
    expect(await fixture.store.feedEnd()).toBe(end);
    await fixture.submit();
    expect(await readAll(fixture.store, end)).toMatchObject([{ seq: 1, type: "submitted" }]);
  });

  test("reports of executing runs are given newest first to last, without those of runs that ended", async () => {
    await using fixture = await createStoreFixture(createStore);
    const worker = await fixture.worker();
    await fixture.submit({ job: "a" });
    await fixture.submit({ job: "b" });
    await fixture.submit({ job: "c" });
    const [a, b, c] = await fixture.store.claim({ workerId: worker, limit: 3 });
    if (a === undefined || b === undefined || c === undefined) throw new Error("three runs are ready");
    const startedAtMs = fixture.clock.now();
    const report = { total: 10, operation: "reading" };
    await fixture.store.recordProgress([
      { ...report, runId: a.runId, done: 1, atMs: startedAtMs + 30 },
      { ...report, runId: b.runId, done: 2, atMs: startedAtMs + 20 },
      { ...report, runId: c.runId, done: 3, atMs: startedAtMs + 10 },
    ]);
    await fixture.finish(c);
    expect(await fixture.store.readProgressFeed(0, 10)).toEqual([
      {
        ...report,
        runId: b.runId,
        done: 2,
        atMs: startedAtMs + 20,
        job: "b",
        rootRunId: b.runId,
        startedAtMs,
        attemptStartedAtMs: startedAtMs,
        seq: 2,
      },
      {
        ...report,
        runId: a.runId,
        done: 1,
        atMs: startedAtMs + 30,
        job: "a",
        rootRunId: a.runId,
        startedAtMs,
        attemptStartedAtMs: startedAtMs,
        seq: 2,
      },
    ]);
    expect(await fixture.store.readProgressFeed(startedAtMs + 20, 10)).toMatchObject([{ runId: a.runId }]);
    expect(await fixture.store.readProgressFeed(0, 1)).toMatchObject([{ runId: b.runId }]);
  });
}

// Submits, then claims and finishes all that is ready.
async function workOn(store: Store, workerId: Awaited<ReturnType<Store["registerWorker"]>>, count: number) {
  for (let index = 0; index < count; index += 1) await store.submit({ runs: [newRun()], edges: [] });
  for (;;) {
    const runs = await store.claim({ workerId, limit: 3 });
    if (runs.length === 0) return;
    await store.settle(runs.map((run) => ({ ...fenceOf(run), end: "finished" as const, result: null })));
  }
}

async function readAll(
  store: Store,
  after: string,
  { limit = 1_000, scope }: { limit?: number; scope?: FeedScope } = {},
): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  for (let position = after; ;) {
    const page = await store.readFeed(position, scope === undefined ? { limit } : { limit, scope });
    events.push(...page.events);
    position = page.position;
    if (page.isEnd) return events;
  }
}

// Reads on while `isWorking`, then to the end.
async function follow(store: Store, isWorking: () => boolean): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  for (let position = "0"; ;) {
    const wasWorking = isWorking();
    const page = await store.readFeed(position, { limit: 5 });
    events.push(...page.events);
    position = page.position;
    if (page.isEnd && !wasWorking) return events;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function expectDense(events: readonly FeedEvent[]): void {
  for (const [runId, own] of Map.groupBy(events, (event) => event.runId)) {
    expect([runId, ...own.map(({ seq }) => seq)]).toEqual([runId, ...own.map((_, index) => index + 1)]);
  }
}
