// The contract of windows: schedules, backfills and retries fill each window once, whoever comes first.
import { expect, test } from "vitest";
import type { Window } from "../../../../src/core/schedule/window.ts";
import type { FillResult, Json, Submission } from "../../../../src/store/rows/run-records.ts";
import type { Store } from "../../../../src/store/store.ts";
import type { RunId } from "../../../../src/core/run-id.ts";
import { codeOf, createStoreFixture, type CreateStore, newRun } from "../store-fixture.ts";

const hourMs = 3_600_000;

export function describeWindows(createStore: CreateStore): void {
  test("windows within a range are those with an unfinished or a finished run of the same tenant", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const workerId = await fixture.worker();
    for (const date of [1, 2, 3]) await fixture.submit({ job: "j", window: day(date) });
    const claimed = await store.claim({ workerId, limit: 3 });
    await fixture.finish(...claimed.slice(0, 1));
    await fixture.fail(...claimed.slice(1, 2));
    await fixture.submit({ job: "j", window: day(1) });
    await fixture.submit({ job: "j", window: day(2), tenant: "other" });
    await fixture.submit({ job: "j", window: day(5) });
    await fixture.submit({ job: "other", window: day(4) });
    await fixture.submit({ job: "j" });
    expect(await list(store, {})).toEqual({
      windows: [
        { window: day(1), state: "FINISHED" },
        { window: day(3), state: "unfinished" },
      ],
      nowMs: fixture.clock.now(),
    });
  });

  test("a window counts for the params it was filled with, whatever the order of their keys", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.submit({ job: "j", window: day(1), params: { region: "us", full: [1, { a: 1, b: null }] } });
    const states = async (params: Json) => (await list(fixture.store, params)).windows.map(({ state }) => state);
    expect(await states({ full: [1, { b: null, a: 1 }], region: "us" })).toEqual(["unfinished"]);
    for (const other of [{}, { region: "eu", full: [1, { a: 1, b: null }] }, { region: "us" }]) {
      expect(await states(other)).toEqual(["other_params"]);
    }
  });

  test("a submission that fills windows is refused whole when one of them has a run, and a failed run leaves its own free", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const workerId = await fixture.worker();
    expect((await fill(store, [1, 2])).submitted?.created).toBe(true);
    await fixture.fail(await fixture.claimOne(workerId));
    await fixture.finish(await fixture.claimOne(workerId));
    expect(await fill(store, [1, 2, 3])).toEqual({ taken: [day(2)] });
    expect(await fill(store, [2, 3], { region: "eu" })).toMatchObject({ taken: [] });
    expect(await fill(store, [2], {}, "other")).toMatchObject({ taken: [] });
    expect((await fill(store, [1, 3])).taken).toEqual([]);
    expect((await list(store, {})).windows.map(({ state }) => state)).toEqual(["unfinished", "FINISHED", "unfinished"]);
  });

  test("of many that fill overlapping windows at once each window gets one run", async () => {
    await using fixture = await createStoreFixture(createStore);
    await using other = await fixture.underTest.open();
    const stores = [fixture.store, other];
    const ranges = Array.from({ length: 24 }, (_, index) => [1, 2, 3, 4, 5, 6, 7, 8].slice(index % 5, (index % 5) + 3));
    const results = await Promise.all(ranges.map((dates, index) => fillAll(stores[index % 2] ?? fixture.store, dates)));
    expect(results.flat().toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7].map((date) => day(date).from));
    expect((await fixture.store.listRuns({ limit: 100, job: "j" })).length).toBe(7);
  });

  test("an instant whose window has a run makes none and is recorded with that run", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const workerId = await fixture.worker();
    const dueMs = fixture.clock.now();
    await store.saveSchedules(["done", "open", "failed", "params"].map((name) => schedule(name, dueMs)));
    const runs = new Map<string, number>();
    for (const job of ["done", "failed"]) runs.set(job, await fixture.submit({ job, window: day(1) }));
    await fixture.finish(await fixture.claimJob(workerId, "done"));
    await fixture.fail(await fixture.claimJob(workerId, "failed"));
    runs.set("open", await fixture.submit({ job: "open", window: day(1) }));
    await fixture.submit({ job: "params", window: day(1), params: { region: "eu" } });
    const fired = await store.fire(["done", "open", "failed", "params"].map((name) => tick(name, dueMs, "ignore")));
    expect(fired.map(({ name, runIds }) => [name, runIds.length])).toEqual([
      ["done", 0],
      ["open", 0],
      ["failed", 1],
      ["params", 1],
    ]);
    for (const job of ["done", "open"]) {
      expect(await store.listFires(job, undefined, 9)).toMatchObject([{ decision: "filled", runId: runs.get(job) }]);
    }
    expect(await store.listSkippedFires(["done", "open"], 9)).toEqual([]);
    expect(await store.nextFireInMs()).toBe(hourMs);
  });

  test("an instant whose window is filled neither holds its schedule nor counts as overlapped", async () => {
    await using fixture = await createStoreFixture(createStore);
    const dueMs = fixture.clock.now();
    await fixture.store.saveSchedules(["holds", "skips"].map((name) => schedule(name, dueMs)));
    for (const job of ["holds", "skips"]) await fixture.submit({ job, window: day(1) });
    const fired = await fixture.store.fire([tick("holds", dueMs, "hold"), tick("skips", dueMs, "skip")]);
    expect(fired.map(({ name, heldBy, runIds }) => [name, heldBy, runIds])).toEqual([
      ["holds", [], []],
      ["skips", [], []],
    ]);
    expect(await fixture.store.listFires("skips", undefined, 9)).toMatchObject([{ decision: "filled" }]);
  });

  test("a failed run of a schedule or backfill is not tried again when its window has been filled since", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const workerId = await fixture.worker();
    const rerun = (runId: RunId): Promise<string> =>
      codeOf(store.control({ action: "rerun", target: { runId }, by: "ann" }));
    const dueMs = fixture.clock.now();
    await store.saveSchedules([schedule("j", dueMs)]);
    const [fired] = await store.fire([tick("j", dueMs, "ignore")]);
    const [scheduled = none()] = fired?.runIds ?? [];
    await fixture.fail(await fixture.claimOne(workerId));
    const [, first = none()] = (await fill(store, [1])).submitted?.runIds ?? [];
    await fixture.fail(await fixture.claimOne(workerId));
    // Its window is free, so it may be tried again; then the other may not.
    expect(await rerun(scheduled)).toBe("no error");
    expect(await rerun(first)).toBe("TRANSITION_INVALID");
    await fixture.finish(...(await store.claim({ workerId, limit: 9 })));
    expect(await rerun(first)).toBe("TRANSITION_INVALID");
    // A person may run a window once more, and try that again.
    const own = await fixture.submit({ job: "j", window: day(1) });
    await fixture.fail(await fixture.claimOne(workerId));
    expect(await rerun(own)).toBe("no error");
  });

  test("schedules and backfills that meet at one window make one run of it", async () => {
    await using fixture = await createStoreFixture(createStore);
    await using other = await fixture.underTest.open();
    const dueMs = fixture.clock.now();
    const names = Array.from({ length: 20 }, (_, index) => `job_${index}`);
    await fixture.store.saveSchedules(names.map((name) => schedule(name, dueMs)));
    await Promise.all([
      fixture.store.fire(names.map((name) => tick(name, dueMs, "ignore"))),
      ...names.map((name) => fill(other, [1], {}, "default", name)),
    ]);
    for (const name of names) expect(await fixture.store.listRuns({ job: name, limit: 9 })).toHaveLength(1);
  });
}

function day(date: number): Window {
  return { from: `2026-01-0${date}T00:00:00.000Z`, to: `2026-01-0${date + 1}T00:00:00.000Z` };
}

function list(store: Store, params: Json): ReturnType<Store["listWindows"]> {
  return store.listWindows({ job: "j", tenant: "default", params, range: { from: day(1).from, to: day(4).to } });
}

function fill(
  store: Store,
  dates: readonly number[],
  params: Json = {},
  tenant = "default",
  job = "j",
): Promise<FillResult> {
  const runs = dates.map((date) => newRun({ job, tenant, params, window: day(date), parent: 0 }));
  const root = newRun({ job: `backfill:${job}`, kind: "pipeline", tenant });
  return store.fillWindows(
    { runs: [root, ...runs], edges: [] },
    runs.map((_, index) => index + 1),
  );
}

// As a backfill does: what is taken leaves the plan. @returns where the windows begin that it filled
async function fillAll(store: Store, dates: readonly number[]): Promise<string[]> {
  let left = dates;
  while (left.length > 0) {
    const { submitted, taken } = await fill(store, left);
    if (submitted !== undefined) return left.map((date) => day(date).from);
    const gone = new Set(taken.map(({ from }) => from));
    left = left.filter((date) => !gone.has(day(date).from));
  }
  return [];
}

function schedule(name: string, dueMs: number): Parameters<Store["saveSchedules"]>[0][number] {
  return { name, definition: { of: name }, nextFireAtMs: dueMs };
}

function tick(
  name: string,
  dueMs: number,
  whileUnfinished: "skip" | "hold" | "ignore",
): Parameters<Store["fire"]>[0][number] {
  const submission: Submission = { runs: [newRun({ job: name, window: day(1), createdBy: "schedule" })], edges: [] };
  const fires = [{ fireAtMs: dueMs, decision: "run" as const, submission }];
  return { name, seenFireAtMs: dueMs, nextFireAtMs: dueMs + hourMs, whileUnfinished, fires };
}

function none(): never {
  throw new Error("no such run");
}
