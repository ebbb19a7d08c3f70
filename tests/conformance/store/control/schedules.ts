// The contract of schedules: each instant makes one run however many look at it, and what is unfinished is found exactly.
import { expect, test } from "vitest";
import type { Submission } from "../../../../src/store/rows/run-records.ts";
import type { NewFire, ScheduleTick } from "../../../../src/store/schedules/schedule-store.ts";
import { codeOf, createStoreFixture, type CreateStore, newRun, type StoreFixture } from "../store-fixture.ts";

const hourMs = 3_600_000;

export function describeSchedules(createStore: CreateStore): void {
  test("a schedule is due from its instant on, the longest overdue first", async () => {
    await using fixture = await createStoreFixture(createStore);
    const startMs = fixture.clock.now();
    await save(fixture, { late: startMs + 1_000, early: startMs + 500, never: startMs + hourMs });
    expect(await fixture.store.nextFireInMs()).toBe(500);
    expect(await fixture.store.nextFireInMs(startMs + 500)).toBe(1_000);
    expect(await dueNames(fixture)).toEqual([]);
    fixture.clock.advance(1_000);
    expect(await dueNames(fixture)).toEqual(["early", "late"]);
    const [first] = await fixture.store.listDueSchedules(1);
    expect(first).toEqual({
      name: "early",
      definition: { of: "early" },
      nextFireAtMs: startMs + 500,
      lastFireAtMs: undefined,
      lastFiredAtMs: undefined,
      lastRunId: undefined,
      paused: false,
      pausedBy: undefined,
      seen: undefined,
      lookedAtMs: undefined,
      seenAtMs: startMs + 1_000,
    });
    expect((await fixture.store.listDueSchedules(5, first)).map(({ name }) => name)).toEqual(["late"]);
  });

  test("saving again changes only what changed, and a paused schedule stays paused", async () => {
    await using fixture = await createStoreFixture(createStore);
    await save(fixture, { a: 1_000, b: 1_000 });
    expect(await fixture.store.pauseSchedule("a", true, "ada")).toBe(true);
    expect(await fixture.store.pauseSchedule("unknown", true, "ada")).toBe(false);
    await fixture.store.saveSchedules([
      { name: "a", definition: { of: "changed" }, nextFireAtMs: 5_000 },
      { name: "b", definition: { of: "b" }, nextFireAtMs: 9_000 },
    ]);
    expect(await fixture.store.listSchedules()).toMatchObject([
      { name: "a", definition: { of: "changed" }, nextFireAtMs: 5_000, paused: true, pausedBy: "ada" },
      { name: "b", definition: { of: "b" }, nextFireAtMs: 1_000, paused: false },
    ]);
    expect(await dueNames(fixture)).toEqual(["b"]);
    await fixture.store.pauseSchedule("a", false, "ada");
    expect(await dueNames(fixture)).toEqual(["b", "a"]);
    expect(await fixture.store.removeSchedule("b")).toBe(true);
    expect(await fixture.store.removeSchedule("b")).toBe(false);
    expect(await dueNames(fixture)).toEqual(["a"]);
  });

  test("a tick makes its run, moves the schedule on and is written down", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const dueMs = clock.now();
    await save(fixture, { daily: dueMs });
    clock.advance(250);
    const [fired] = await store.fire([
      tick("daily", dueMs, dueMs + hourMs, [{ fireAtMs: dueMs - hourMs, decision: "missed" }, run("daily", dueMs)]),
    ]);
    const [runId] = fired?.runIds ?? [];
    expect(fired).toEqual({ name: "daily", runIds: [runId], heldBy: [], firedAtMs: dueMs + 250 });
    expect(await fixture.run(runId ?? (0 as never))).toMatchObject({
      job: "daily",
      state: "PENDING",
      createdBy: "schedule",
    });
    expect(await store.listSchedules()).toMatchObject([
      { nextFireAtMs: dueMs + hourMs, lastFireAtMs: dueMs, lastRunId: runId },
    ]);
    const fires = [
      { schedule: "daily", fireAtMs: dueMs, decision: "run", runId, firedAtMs: dueMs + 250 },
      { schedule: "daily", fireAtMs: dueMs - hourMs, decision: "missed", runId: undefined, firedAtMs: dueMs + 250 },
    ];
    expect(await store.listFires("daily", undefined, 10)).toEqual(fires);
    expect(await store.listFires("daily", dueMs, 10)).toEqual(fires.slice(1));
    expect(await store.listSkippedFires(["daily", "'; drop table run"], 10)).toEqual(fires.slice(1));
    expect(await store.listSkippedFires(["daily"], 1)).toEqual([]);
    expect(await store.listSkippedFires([], 10)).toEqual([]);
    clock.advance(hourMs);
    const [due] = await store.listDueSchedules(10);
    expect(due).toMatchObject({ lastFireAtMs: dueMs, lastFiredAtMs: dueMs + 250 });
  });

  test("a tick that was decided on a stale look, or on a paused schedule, does nothing", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const dueMs = clock.now();
    await save(fixture, { a: dueMs, b: dueMs });
    await store.pauseSchedule("b", true, "ada");
    const ticks = ["a", "b", "gone"].map((name) => tick(name, dueMs, dueMs + hourMs, [run(name, dueMs)]));
    expect((await store.fire(ticks)).map(({ name }) => name)).toEqual(["a"]);
    expect(await store.fire(ticks)).toEqual([]);
    expect(await store.listRuns({ limit: 10 })).toHaveLength(1);
  });

  test("an instant fires once, even when its schedule starts anew", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const dueMs = clock.now();
    await save(fixture, { a: dueMs });
    await store.fire([tick("a", dueMs, dueMs + hourMs, [run("a", dueMs)])]);
    await store.saveSchedules([{ name: "a", definition: "changed", nextFireAtMs: dueMs }]);
    const [fired] = await store.fire([tick("a", dueMs, dueMs + 2 * hourMs, [run("a", dueMs)])]);
    expect(fired?.runIds).toEqual([]);
    expect(await store.nextFireInMs()).toBe(2 * hourMs);
    expect(await store.listRuns({ limit: 10 })).toHaveLength(1);
  });

  test("what a schedule has seen changes with the tick that was applied, and is forgotten with its definition", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const dueMs = clock.now();
    await save(fixture, { a: dueMs });
    const seenNow = async (): Promise<unknown> => (await store.listDueSchedules(1)).map(({ seen }) => seen);
    expect(await seenNow()).toEqual([undefined]);
    expect(await store.listSchedules()).toMatchObject([{ lookedAtMs: undefined }]);
    const seen = { orders: 3 };
    clock.advance(10);
    const cause = { datasets: { orders: 3 } };
    const fired = tick("a", dueMs, dueMs + 1, [{ ...run("a", dueMs), cause }]);
    await store.fire([{ ...fired, whileUnfinished: "hold", seen }]);
    expect(await seenNow()).toEqual([seen]);
    expect(await store.listFires("a", undefined, 1)).toMatchObject([{ cause }]);
    // held by the run that it has made, so that nothing counts as seen
    const next = tick("a", dueMs + 1, dueMs + 2, [run("a", dueMs + 1)]);
    expect(await store.fire([{ ...next, whileUnfinished: "hold", seen: { orders: 4 } }])).toMatchObject([
      { runIds: [] },
    ]);
    clock.advance(5);
    await store.fire([tick("a", dueMs + 1, dueMs + 3, [])]);
    expect(await store.listSchedules()).toMatchObject([{ seen, lookedAtMs: clock.now() }]);
    await store.saveSchedules([{ name: "a", definition: "changed", nextFireAtMs: dueMs + 3 }]);
    expect(await store.listSchedules()).toMatchObject([{ seen: undefined, lookedAtMs: undefined }]);
    expect(await seenNow()).toEqual([undefined]);
  });

  test("two schedulers that see the same due schedules make one run of each", async () => {
    await using fixture = await createStoreFixture(createStore);
    const dueMs = fixture.clock.now();
    const names = Array.from({ length: 60 }, (_, index) => `job_${index}`);
    await save(fixture, Object.fromEntries(names.map((name) => [name, dueMs])));
    await using other = await fixture.underTest.open();
    const fireAll = async (store: typeof fixture.store, order: readonly string[]): Promise<number> => {
      let runs = 0;
      for (let from = 0; from < order.length; from += 7) {
        const ticks = order.slice(from, from + 7).map((name) => tick(name, dueMs, dueMs + hourMs, [run(name, dueMs)]));
        runs += (await store.fire(ticks)).reduce((sum, { runIds }) => sum + runIds.length, 0);
      }
      return runs;
    };
    const first = await Promise.all([fireAll(fixture.store, names), fireAll(other, names.toReversed())]);
    // What one left to the other is due still.
    const again = await fireAll(fixture.store, names);
    expect(first.reduce((sum, runs) => sum + runs, again)).toBe(60);
    expect(await fixture.store.listRuns({ limit: 1_000 })).toHaveLength(60);
  });

  test.each(["ready", "scheduled", "parked", "leased", "pipeline"])(
    "an unfinished run that is %s and that a person started is an overlap",
    async (held) => {
      await using fixture = await createStoreFixture(createStore);
      const { store, clock } = fixture;
      const dueMs = clock.now();
      await save(fixture, { skips: dueMs, holds: dueMs, ignores: dueMs, free: dueMs });
      const before = new Map<string, number>();
      for (const job of ["skips", "holds", "ignores"]) before.set(job, await startRun(fixture, job, held));
      const ticks = (["skips", "holds", "ignores"] as const).map((name) =>
        tick(
          name,
          dueMs,
          dueMs + hourMs,
          [run(name, dueMs)],
          name === "skips" ? "skip" : name === "holds" ? "hold" : "ignore",
        ),
      );
      const fired = await store.fire([...ticks, tick("free", dueMs, dueMs + hourMs, [run("free", dueMs)], "skip")]);
      expect(fired.map(({ name, runIds, heldBy }) => [name, runIds.length, heldBy])).toEqual([
        ["skips", 0, []],
        ["holds", 0, [before.get("holds")]],
        ["ignores", 1, []],
        ["free", 1, []],
      ]);
      expect(await store.listFires("skips", undefined, 9)).toMatchObject([
        { decision: "overlapped", runId: undefined },
      ]);
      expect(await store.listFires("holds", undefined, 9)).toEqual([]);
      expect(await dueNames(fixture)).toEqual(["holds"]);
    },
  );

  test("a member of a pipeline is no overlap of its job's own schedule, and a finished run is none", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const dueMs = clock.now();
    await save(fixture, { job: dueMs });
    await fixture.submit({ job: "job" });
    const workerId = await fixture.worker();
    await fixture.finish(await fixture.claimOne(workerId));
    await store.submit({
      runs: [newRun({ job: "p", kind: "pipeline" }), newRun({ job: "job", parent: 0 })],
      edges: [],
    });
    const [fired] = await store.fire([tick("job", dueMs, dueMs + hourMs, [run("job", dueMs)], "skip")]);
    expect(fired?.runIds).toHaveLength(1);
  });

  test("wrong ticks are refused whole", async () => {
    await using fixture = await createStoreFixture(createStore);
    const dueMs = fixture.clock.now();
    await save(fixture, { a: dueMs });
    const fires = [run("a", dueMs), run("a", dueMs + 1)];
    expect(await codeOf(fixture.store.fire([tick("a", dueMs, dueMs + 2, fires, "skip")]))).toBe("VALUE_INVALID");
    const empty = [{ fireAtMs: dueMs, decision: "run" as const }];
    expect(await codeOf(fixture.store.fire([tick("a", dueMs, dueMs + 2, empty)]))).toBe("VALUE_INVALID");
    expect(await dueNames(fixture)).toEqual(["a"]);
  });

  test("activity tells the last run of a job, and whether any is unfinished", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const workerId = await fixture.worker();
    const done = await fixture.submit({ job: "done" });
    await fixture.finish(await fixture.claimJob(workerId, "done"));
    await fixture.submit({ job: "failed" });
    await fixture.fail(await fixture.claimJob(workerId, "failed"));
    const older = await fixture.submit({ job: "busy" });
    const newer = await fixture.submit({ job: "busy" });
    await fixture.submit({ job: "partial" });
    const { runId, epoch } = await fixture.claimJob(workerId, "partial");
    await store.settle([{ runId, epoch, end: "finished", reason: "partial", result: null }]);
    const claimed = await store.claim({ workerId, limit: 10 });
    await fixture.finish(...claimed.filter(({ runId }) => runId === newer));
    expect(older).toBeLessThan(newer);
    const at = clock.now();
    const ended = { isPartial: false, lastFinishedAtMs: at, isUnfinished: false };
    expect(await store.listActivity(["busy", "done", "failed", "never", "partial"])).toEqual([
      { ...ended, job: "busy", lastRunId: newer, lastState: "FINISHED", isUnfinished: true },
      { ...ended, job: "done", lastRunId: done, lastState: "FINISHED" },
      { ...ended, job: "failed", lastRunId: done + 1, lastState: "ERROR" },
      { ...ended, job: "partial", lastRunId: runId, lastState: "FINISHED", isPartial: true },
    ]);
  });
}

function save(fixture: StoreFixture, dueAtMs: Readonly<Record<string, number>>): Promise<void> {
  return fixture.store.saveSchedules(
    Object.entries(dueAtMs).map(([name, nextFireAtMs]) => ({ name, definition: { of: name }, nextFireAtMs })),
  );
}

async function dueNames({ store }: StoreFixture): Promise<string[]> {
  return (await store.listDueSchedules(100)).map(({ name }) => name);
}

function tick(
  name: string,
  seenFireAtMs: number,
  nextFireAtMs: number,
  fires: readonly NewFire[],
  whileUnfinished: ScheduleTick["whileUnfinished"] = "ignore",
): ScheduleTick {
  return { name, seenFireAtMs, nextFireAtMs, fires, whileUnfinished };
}

function run(job: string, fireAtMs: number): NewFire {
  const submission: Submission = { runs: [newRun({ job, createdBy: "schedule" })], edges: [] };
  return { fireAtMs, decision: "run", submission };
}

async function startRun(fixture: StoreFixture, job: string, held: string): Promise<number> {
  const { store, clock } = fixture;
  if (held === "pipeline") {
    const runs = [newRun({ job, kind: "pipeline" }), newRun({ job: "member", parent: 0 })];
    return (await store.submit({ runs, edges: [] })).rootRunId;
  }
  const runId = await fixture.submit({ job, ...(held === "scheduled" ? { runAtMs: clock.now() + hourMs } : {}) });
  if (held === "parked") await store.control({ action: "pause", target: { runId }, by: "ada" });
  if (held === "leased") await fixture.claimOne(await fixture.worker());
  return runId;
}
