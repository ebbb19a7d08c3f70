// Breakers, statistics and the facts behind "why", as every store must keep them.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import { createStoreFixture, type CreateStore, fenceOf, someError } from "../store-fixture.ts";

const missing = 999_999 as RunId;

export function describeExplaining(createStore: CreateStore): void {
  test("a breaker is written by whoever read its newest version, and by nobody else", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    expect(await store.findBreaker("github")).toBeUndefined();
    const first = {
      name: "github",
      state: "closed",
      failures: 1,
      refusals: 0,
      openedAtMs: undefined,
      probeAtMs: undefined,
    } as const;
    expect(await store.saveBreaker({ ...first, lastError: "503", version: 0 })).toBe(true);
    expect(await store.saveBreaker({ ...first, lastError: "503", version: 0 })).toBe(false);
    const read = await store.findBreaker("github");
    expect(read).toEqual({ ...first, lastError: "503", version: 1 });
    const opened = {
      name: "github",
      state: "open",
      failures: 5,
      refusals: 0,
      openedAtMs: 1,
      probeAtMs: 2,
      lastError: "503",
    } as const;
    expect(await store.saveBreaker({ ...opened, version: 1 })).toBe(true);
    expect(await store.saveBreaker({ ...opened, version: 1 })).toBe(false);
    expect(await store.listBreakers()).toEqual([{ ...opened, version: 2 }]);
  });

  test("statistics count, time and add up the runs that ended since a time", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker("w", 86_400_000);
    await fixture.submit({ job: "old" });
    await fixture.finish(await fixture.claimOne(workerId));
    fixture.clock.advance(1_000);
    const sinceMs = fixture.clock.now();
    for (let index = 1; index <= 20; index += 1) {
      await fixture.submit({ job: "load" });
      const run = await fixture.claimOne(workerId);
      fixture.clock.advance(index * 10);
      const settlement = { ...fenceOf(run), end: "finished", result: { rows: 5 } } as const;
      await (index === 20 ? fixture.fail(run) : fixture.store.settle([settlement]));
    }
    expect(await fixture.store.jobStatistics({ sinceMs })).toEqual([
      {
        job: "load",
        finished: 19,
        failed: 1,
        retries: 0,
        p50Ms: 100,
        p95Ms: 190,
        busyMs: 2_100,
        records: 95,
        errorClasses: { unknown: 1 },
        lastState: "ERROR",
        lastEndedAtMs: fixture.clock.now(),
      },
    ]);
    expect(await fixture.store.jobStatistics({ sinceMs, job: "old" })).toEqual([]);
    const [old] = await fixture.store.jobStatistics({ sinceMs: 0, job: "old" });
    expect(old).toMatchObject({ job: "old", finished: 1, records: undefined });
  });

  test("the facts of a run that waits for others name them", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { a, b } = await fixture.submitGraph("ab", "a>b");
    const facts = await fixture.store.findWaitFacts(b ?? missing);
    expect(facts).toMatchObject({ held: "waiting", upstream: [{ runId: a, job: "a", state: "PENDING" }] });
    expect(await fixture.store.findWaitFacts(missing)).toBeUndefined();
  });

  test("the facts of a ready run count what is ahead and the workers that could take it", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    await fixture.submit({ job: "first" });
    await fixture.submit({ job: "urgent", priority: -1 });
    const last = await fixture.submit({ job: "last" });
    const process = { host: "host", bootId: "boot", pid: 1, startTicks: "1" };
    await store.registerWorker({ name: "a", ttlMs: 60_000, process, jobs: ["first"] });
    await store.registerWorker({ name: "b", ttlMs: 60_000, process, jobs: ["last"] });
    const facts = await store.findWaitFacts(last);
    expect(facts).toMatchObject({ held: "ready", ahead: 2, workers: { inService: 2, withJob: 1 } });
  });

  test("the facts of a run name full gates, pauses, requests and a stopped orchestrator", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const gates = ["pool:gpu"];
    await store.setLimits([{ gate: "pool:gpu", capacity: 1 }]);
    const workerId = await fixture.worker();
    const first = await fixture.submit({ job: "train", gates });
    await fixture.claimOne(workerId);
    const second = await fixture.submit({ job: "train", gates });
    const holders = [{ runId: first, job: "train" }];
    const blocked = [
      { gate: "pool:gpu", capacity: 1, held: 1, blockedUntilMs: undefined, breaker: undefined, holders },
    ];
    expect((await store.findWaitFacts(second))?.blockedGates).toEqual(blocked);
    await store.control({ action: "pause", target: { runId: second }, by: "ada", reason: "later" });
    expect((await store.findWaitFacts(second))?.pausedBy).toEqual({ by: "ada", reason: "later", scope: "run" });
    await store.control({ action: "stop", target: { runId: first }, by: "bob" });
    expect((await store.findWaitFacts(first))?.request).toEqual({ action: "stop", by: "bob" });
    await store.switchOrchestrator({ action: "stop", by: "eve", reason: "move" });
    expect((await store.findWaitFacts(first))?.orchestratorStopped).toEqual({ by: "eve", reason: "move" });
  });

  test("the facts of a run that waits for its next attempt have the last error", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    const runId = await fixture.submit();
    const run = await fixture.claimOne(workerId);
    await fixture.store.settle([{ ...fenceOf(run), end: "retry", delayMs: 60_000, error: someError }]);
    expect(await fixture.store.findWaitFacts(runId)).toMatchObject({ held: "scheduled", lastError: someError });
  });

  test("what a handler waits for is known by the newest time it gave its worker back", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    const runId = await fixture.submit();
    const waits = [{ kind: "sleep" }, undefined, { kind: "run", runId: 7 as RunId }] as const;
    for (const wait of waits) {
      await fixture.store.settle([
        { ...fenceOf(await fixture.claimOne(workerId)), end: "snoozed", delayMs: 1_000, wait },
      ]);
      expect((await fixture.store.findWaitFacts(runId))?.wait).toEqual(wait);
      fixture.clock.advance(1_000);
      await fixture.store.promote(10);
    }
  });
}
