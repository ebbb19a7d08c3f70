// Tests what the sleep job, breakers and explanations need of a store, beyond the plain records of explaining.ts.
import { expect, test } from "vitest";
import { MillraceError, toErrorRecord } from "../../../src/core/errors/errors.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import { BreakerBoard } from "../../../src/orchestrator/upkeep/breaker-board.ts";
import { explainRun } from "../../../src/orchestrator/explain/explain-run.ts";
import type { WaitFacts } from "../../../src/store/upkeep/upkeep-store.ts";
import {
  createStoreFixture,
  type CreateStore,
  fenceOf,
  newRun,
  someError,
  type StoreFixture,
} from "./store-fixture.ts";

const minuteMs = 60_000;
const outage = new MillraceError("SERVICE_UNAVAILABLE", "503 Service Unavailable");

export function describeUpkeep(createStore: CreateStore): void {
  test("an open breaker lets nothing through, then one probe, and all when that went well", async () => {
    await using fixture = await createStoreFixture(createStore);
    const board = boardOf(fixture);
    await submitSome(fixture, 4);
    const workerId = await fixture.worker("w", 86_400_000);
    const first = await fixture.claimOne(workerId);
    await board.report(["github"], outage);
    expect(await board.report(["github"], outage)).toEqual({ isBreakerOpen: true, connectionFailures: 2 });
    await fixture.fail(first);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
    fixture.clock.advance(minuteMs);
    const [probe, ...others] = await fixture.store.claim({ workerId, limit: 9 });
    expect(others).toEqual([]);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
    expect(await board.report(["github"], undefined)).toEqual({ isBreakerOpen: false, connectionFailures: 0 });
    await fixture.finish(probe ?? none());
    expect(await fixture.store.claim({ workerId, limit: 9 })).toHaveLength(2);
  });

  test("a probe that fails shuts the gate before its slot is free, for twice as long", async () => {
    await using fixture = await createStoreFixture(createStore);
    const board = boardOf(fixture);
    await submitSome(fixture, 3);
    const workerId = await fixture.worker("w", 86_400_000);
    await board.report(["github"], outage);
    await board.report(["github"], outage);
    fixture.clock.advance(minuteMs);
    const probe = await fixture.claimOne(workerId);
    await board.report(["github"], outage);
    await fixture.fail(probe);
    fixture.clock.advance(2 * minuteMs - 1);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
    fixture.clock.advance(1);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toHaveLength(1);
  });

  test("what executes since before the breaker opened holds up no probe", async () => {
    await using fixture = await createStoreFixture(createStore);
    const board = boardOf(fixture);
    await submitSome(fixture, 5);
    const workerId = await fixture.worker("w", 86_400_000);
    await fixture.store.claim({ workerId, limit: 2 });
    await board.report(["github"], outage);
    await board.report(["github"], outage);
    fixture.clock.advance(minuteMs);
    const waiting = await fixture.submit({ gates: ["connection:github"] });
    expect((await facts(fixture, waiting)).blockedGates).toEqual([]);
    const [probe, ...others] = await fixture.store.claim({ workerId, limit: 9 });
    expect(others).toEqual([]);
    expect((await facts(fixture, waiting)).blockedGates).toMatchObject([
      { capacity: 1, held: 1, holders: [{ runId: probe?.runId, job: "job" }] },
    ]);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
  });

  test("the death of a probe lets the next one through", async () => {
    await using fixture = await createStoreFixture(createStore);
    const board = boardOf(fixture);
    await submitSome(fixture, 2);
    await board.report(["github"], outage);
    await board.report(["github"], outage);
    fixture.clock.advance(minuteMs);
    const dead = await fixture.worker("dead");
    const probe = await fixture.claimOne(dead);
    const workerId = await fixture.worker("alive");
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
    await fixture.store.reap({ limit: 9, deadWorkerIds: [dead], maxLosses: 3 });
    const again = await fixture.store.claim({ workerId, limit: 9 });
    expect(again).toHaveLength(1);
    expect(probe.epoch).toBe(1);
  });

  test("processes that report at once lose no failure and open it once", async () => {
    await using fixture = await createStoreFixture(createStore);
    await using other = await fixture.underTest.open();
    const boards = [boardOf(fixture, 6), boardOf({ store: other, clock: fixture.clock }, 6)];
    await Promise.all([0, 1, 2].flatMap(() => boards.map((board) => board.report(["github"], outage))));
    const breaker = await fixture.store.findBreaker("github");
    expect(breaker).toMatchObject({ state: "open", failures: 6, version: 6 });
    await Promise.all(boards.map((board) => board.report(["github"], outage)));
    expect((await fixture.store.findBreaker("github"))?.version).toBe(6);
  });

  test("a person may close a breaker, and a healthy connection has no row", async () => {
    await using fixture = await createStoreFixture(createStore);
    const board = boardOf(fixture);
    await board.report(["github", "jira"], undefined);
    expect(await fixture.store.listBreakers()).toEqual([]);
    await board.report(["github"], outage);
    await board.report(["github"], outage);
    await submitSome(fixture, 1);
    expect(await board.reset("github")).toBe(true);
    expect(await board.reset("github")).toBe(false);
    await fixture.claimOne(await fixture.worker());
  });

  test("the facts of a run behind a breaker say until when and after which error", async () => {
    await using fixture = await createStoreFixture(createStore);
    const board = boardOf(fixture);
    const runId = await fixture.submit({ gates: ["connection:github"] });
    await board.report(["github"], outage);
    await board.report(["github"], outage);
    expect((await facts(fixture, runId)).blockedGates).toEqual([
      {
        gate: "connection:github",
        capacity: 1,
        held: 0,
        blockedUntilMs: fixture.clock.now() + minuteMs,
        breaker: { lastError: "503 Service Unavailable" },
        holders: [],
      },
    ]);
  });

  test("the facts of a run that executes name its worker and whether that is alive", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    await fixture.claimOne(await fixture.worker("w7"));
    const sinceMs = fixture.clock.now();
    expect((await facts(fixture, runId)).executing).toEqual({ worker: "w7", sinceMs, isWorkerAlive: true });
    fixture.clock.advance(minuteMs);
    const later = await facts(fixture, runId);
    expect([later.executing?.isWorkerAlive, later.workers.inService]).toEqual([false, 0]);
    await fixture.store.reap({ limit: 9, deadWorkerIds: [], maxLosses: 3 });
  });

  test("the facts of a retry say its tier, and its event names the class of the error", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const run = await fixture.claimOne(await fixture.worker());
    const runAtMs = fixture.clock.now() + 1_000;
    const error = toErrorRecord(outage);
    const recovery = { tier: "standard", retries: 7 } as const;
    await fixture.store.settle([{ ...fenceOf(run), end: "retry", delayMs: 1_000, error, recovery }]);
    expect(await facts(fixture, runId)).toMatchObject({ held: "scheduled", retry: recovery, lastError: error });
    const events = await fixture.store.listEvents(runId, 0, 9);
    expect(events.at(-1)).toMatchObject({
      type: "retry_scheduled",
      data: { attempt: 1, runAtMs, code: "SERVICE_UNAVAILABLE", errorClass: "service_unavailable", ...recovery },
    });
  });

  test("the facts of a pipeline name the members that hold it up, those that only wait last, and those that failed", async () => {
    await using fixture = await createStoreFixture(createStore);
    const member = (job: string) => newRun({ job, parent: 0 });
    const { runIds } = await fixture.store.submit({
      runs: [newRun({ job: "daily", kind: "pipeline" }), member("b_waits"), member("a_ready"), member("c_fails")],
      edges: [{ parent: 2, child: 1, onUpstreamFailure: "cancel" }],
    });
    const workerId = await fixture.worker();
    await fixture.fail(await fixture.claimJob(workerId, "c_fails"));
    const pipeline = await facts(fixture, runIds[0] ?? none());
    expect(pipeline.upstream.map(({ job, state, reason }) => [job, state, reason])).toEqual([
      ["a_ready", "PENDING", undefined],
      ["b_waits", "PENDING", "waiting_upstream"],
    ]);
    expect(pipeline.failedUpstream.map(({ job, reason }) => [job, reason])).toEqual([["c_fails", "failed"]]);
  });

  test("why is followed through a pipeline to the runs that hold it up, and to those that made it fail", async () => {
    await using fixture = await createStoreFixture(createStore);
    const member = (job: string) => newRun({ job, parent: 0 });
    const { runIds } = await fixture.store.submit({
      runs: [newRun({ job: "daily", kind: "pipeline" }), member("pull"), member("clean"), member("report")],
      edges: [
        { parent: 1, child: 2, onUpstreamFailure: "cancel" },
        { parent: 2, child: 3, onUpstreamFailure: "cancel" },
      ],
    });
    const [pipeline = none(), pull = none(), clean = none(), last = none()] = runIds;
    await fixture.store.control({ action: "pause", target: { runId: pull }, by: "ann", reason: "bad key" });
    const why = await explainRun(fixture.store, last);
    expect([why?.summary, why?.because[0]?.summary, why?.because[0]?.because[0]?.summary]).toEqual([
      `waits for \`clean\` (r${clean}, PENDING, waiting_upstream)`,
      `waits for \`pull\` (r${pull}, PAUSED)`,
      "was paused by ann: bad key",
    ]);
    const held = await explainRun(fixture.store, pipeline);
    expect(held?.because.map(({ job, state }) => [job, state])).toEqual([["pull", "PAUSED"]]);
    await fixture.store.control({ action: "resume", target: { runId: pull }, by: "ann" });
    await fixture.fail(await fixture.claimOne(await fixture.worker()));
    const doomed = await explainRun(fixture.store, last);
    expect(doomed?.summary).toBe("was cancelled, because what it depends on failed");
    expect(doomed?.because[0]?.because[0]?.summary).toBe("failed with `JOB_FAILED`: the job broke");
    expect(await explainRun(fixture.store, 999_999 as RunId)).toBeUndefined();
  });

  test("statistics are of a half-open range, count errors by class and retries, and add up only plain counts", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker("w", 86_400_000);
    const results = [{ rows: 5 }, { records: 7 }, { rows: "12 or so" }, { rows: 1.5 }, { rows: -3 }, [1], null];
    for (const result of results) {
      await fixture.submit({ job: "load" });
      const run = await fixture.claimOne(workerId);
      fixture.clock.advance(100);
      await fixture.store.settle([{ ...fenceOf(run), end: "finished", result }]);
    }
    for (const error of [toErrorRecord(outage), toErrorRecord(outage), someError]) {
      await fixture.submit({ job: "load" });
      const run = await fixture.claimOne(workerId);
      await fixture.store.settle([{ ...fenceOf(run), end: "retry", delayMs: 0, error }]);
      await fixture.store.promote(9);
      const again = await fixture.claimOne(workerId);
      await fixture.store.settle([{ ...fenceOf(again), end: "failed", reason: "failed", error }]);
    }
    const nowMs = fixture.clock.now();
    const [load] = await fixture.store.jobStatistics({ sinceMs: 0, job: "load" });
    expect(load).toMatchObject({
      finished: 7,
      failed: 3,
      retries: 3,
      records: 12,
      busyMs: 700,
      errorClasses: { service_unavailable: 2, unknown: 1 },
    });
    expect(await fixture.store.jobStatistics({ sinceMs: 0, untilMs: nowMs - 600 })).toEqual([]);
    const [early] = await fixture.store.jobStatistics({ sinceMs: 0, untilMs: nowMs - 400 });
    expect([early?.finished, early?.failed, early?.errorClasses]).toEqual([2, 0, {}]);
  });

  test("percentiles leave out runs that never executed", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    for (const ms of [10, 20, 30]) {
      await fixture.submit();
      const run = await fixture.claimOne(workerId);
      fixture.clock.advance(ms);
      await fixture.finish(run);
    }
    for (let index = 0; index < 5; index += 1) {
      const runId = await fixture.submit();
      await fixture.store.control({ action: "stop", target: { runId }, by: "ada" });
    }
    const [statistics] = await fixture.store.jobStatistics({ sinceMs: 0 });
    expect(statistics).toMatchObject({ finished: 3, failed: 5, p50Ms: 20, p95Ms: 30, busyMs: 60 });
  });

  test("health counts what is late and who is dead, by the store's own clock", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    expect(await store.readClockMs()).toBe(fixture.clock.now());
    const workerId = await fixture.worker();
    await fixture.submit();
    await store.settle([
      { ...fenceOf(await fixture.claimOne(workerId)), end: "retry", delayMs: 1_000, error: someError },
    ]);
    await fixture.submit();
    await fixture.claimOne(workerId);
    await fixture.submit();
    const counts = { workers: 1, executing: 1, deadLeases: 0, ready: 1, retries: 1, lateRuns: 0, lateSchedules: 0 };
    expect(await store.readHealth({ lateMs: minuteMs })).toEqual({
      nowMs: fixture.clock.now(),
      isClaiming: true,
      ...counts,
    });
    fixture.clock.advance(minuteMs + 1_000);
    await store.switchOrchestrator({ action: "stop", by: "eve" });
    expect(await store.readHealth({ lateMs: minuteMs })).toEqual({
      nowMs: fixture.clock.now(),
      isClaiming: false,
      ...counts,
      workers: 0,
      deadLeases: 1,
      lateRuns: 1,
    });
    await store.reap({ limit: 9, deadWorkerIds: [], maxLosses: 3 });
  });
}

function boardOf({ store, clock }: Pick<StoreFixture, "store" | "clock">, failures = 2): BreakerBoard {
  return new BreakerBoard({
    store,
    clock,
    breaker: { failures },
    onError: (error) => {
      throw error;
    },
  });
}

async function submitSome(fixture: StoreFixture, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await fixture.submit({ gates: ["connection:github"] });
}

async function facts(fixture: StoreFixture, runId: RunId): Promise<WaitFacts> {
  return (await fixture.store.findWaitFacts(runId)) ?? none();
}

function none(): never {
  throw new Error("expected something to be there");
}
