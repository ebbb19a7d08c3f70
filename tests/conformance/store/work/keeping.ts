// Tests what keeps a store small and healthy: cadences and the removal of history.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import { at, createStoreFixture, type CreateStore, fenceOf, newRun, type StoreFixture } from "../store-fixture.ts";

const dayMs = 86_400_000;

export function describeKeeping(createStore: CreateStore): void {
  test("a cadence is taken by one caller in each period", async () => {
    await using fixture = await createStoreFixture(createStore);
    const other = await fixture.underTest.open();
    const ask = (): Promise<boolean[]> =>
      Promise.all([fixture.store, other, fixture.store].map((store) => store.takeCadence("tidy", 1_000)));
    expect((await ask()).filter(Boolean)).toHaveLength(1);
    expect(await ask()).toEqual([false, false, false]);
    expect(await fixture.store.takeCadence("other", 1_000)).toBe(true);
    fixture.clock.advance(999);
    expect(await ask()).toEqual([false, false, false]);
    fixture.clock.advance(1);
    expect((await ask()).filter(Boolean)).toHaveLength(1);
    await other[Symbol.asyncDispose]();
  });

  test("what ended before a time is removed with all it wrote; what is live or younger stays", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const old = await runWithRecords(fixture, "old");
    const live = await fixture.submit({ job: "live", runAtMs: clock.now() + 9 * dayMs });
    clock.advance(dayMs);
    const young = await fixture.submit({ job: "young" });
    await fixture.finish(await fixture.claimJob(await fixture.worker(), "young"));
    expect(await store.removeHistory({ endedBeforeMs: clock.now(), limit: 10 })).toBe(1);
    expect(await store.findRun(old)).toBeUndefined();
    expect(await store.listEvents(old, 0, 10)).toEqual([]);
    expect(await store.listLogs(old, 0, 10)).toEqual([]);
    expect(await store.listAttempts(old)).toEqual([]);
    expect(await store.loadCheckpoints(old)).toEqual([]);
    expect(await store.loadUnits(old)).toEqual([]);
    expect(await store.loadStep(old, "step")).toBeUndefined();
    // Data outlives the run that made it.
    expect(await store.findDataset("flights")).toMatchObject({ version: 1, runId: old });
    expect((await store.listRuns({ limit: 10 })).map(({ id }) => id)).toEqual([young, live]);
    expect(await store.removeHistory({ endedBeforeMs: clock.now(), limit: 10 })).toBe(0);
  });

  test("a pipeline goes with its members, and not before it ended", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const worker = await fixture.worker();
    const runs = [
      newRun({ job: "pipeline", kind: "pipeline" }),
      newRun({ job: "first", parent: 0 }),
      newRun({ job: "second", parent: 0 }),
    ];
    const { runIds } = await store.submit({
      runs,
      edges: [{ parent: 1, child: 2, onUpstreamFailure: "cancel" }],
    });
    await fixture.finish(await fixture.claimOne(worker));
    clock.advance(dayMs);
    expect(await store.removeHistory({ endedBeforeMs: clock.now(), limit: 10 })).toBe(0);
    const alive = await fixture.worker();
    await fixture.finish(await fixture.claimOne(alive));
    await fixture.finish(await fixture.claimOne(alive));
    expect(await fixture.state(runIds[0] ?? (0 as RunId))).toBe("FINISHED");
    expect(await store.removeHistory({ endedBeforeMs: clock.now(), limit: 10 })).toBe(0);
    clock.advance(1);
    expect(await store.removeHistory({ endedBeforeMs: clock.now(), limit: 10 })).toBe(1);
    expect(await store.listRuns({ limit: 10 })).toEqual([]);
    expect(await store.listEdges(runIds[0] ?? (0 as RunId))).toEqual([]);
  });

  test("what a run spawned stays as long as it does, down any number of runs that spawn each other", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const worker = await fixture.worker();
    await fixture.submit({ job: "parent" });
    const chain = [await fixture.claimOne(worker)];
    // parent spawns two children, of which the first spawns a grandchild; all but the parent end.
    for (const [spawner, name] of [
      [0, "a"],
      [0, "b"],
      [1, "c"],
    ] as const) {
      const job = `kid_${name}`;
      await store.spawn(at(chain, spawner), name, { runs: [newRun({ job })], edges: [] });
      chain.push(await fixture.claimOne(worker));
    }
    await fixture.finish(...chain.slice(1));
    await fixture.submit({ job: "other" });
    await fixture.finish(await fixture.claimOne(worker));
    const remove = (limit = 10): Promise<number> => store.removeHistory({ endedBeforeMs: clock.now(), limit });
    clock.advance(1);
    // Others are found behind them, however few are asked for.
    expect(await remove(1)).toBe(1);
    expect(await remove()).toBe(0);
    clock.advance(1);
    await fixture.finish(at(chain, 0));
    expect(await remove()).toBe(0);
    clock.advance(1);
    expect([await remove(2), await remove(), await remove()]).toEqual([2, 2, 0]);
    expect(await store.listRuns({ limit: 10 })).toEqual([]);
  });

  test("the oldest go first, at most so many at a time", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const worker = await fixture.worker();
    const ids: RunId[] = [];
    for (let count = 0; count < 5; count += 1) ids.push(await fixture.submit());
    const claimed = await store.claim({ workerId: worker, limit: 5 });
    await fixture.finish(...claimed);
    clock.advance(1);
    const remove = async (limit: number): Promise<number> =>
      await store.removeHistory({ endedBeforeMs: clock.now(), limit });
    expect(await remove(0)).toBe(0);
    expect(await remove(2)).toBe(2);
    expect((await store.listRuns({ limit: 10 })).map(({ id }) => id)).toEqual(ids.slice(2).toReversed());
    expect(await remove(10)).toBe(3);
  });

  test("old runs behind many live ones are found", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const runs = Array.from({ length: 2_500 }, () => newRun({ job: "later", runAtMs: clock.now() + 9 * dayMs }));
    await store.submit({ runs, edges: [] });
    await fixture.submit({ job: "now" });
    await fixture.finish(await fixture.claimJob(await fixture.worker(), "now"));
    clock.advance(1);
    expect(await store.removeHistory({ endedBeforeMs: clock.now(), limit: 10 })).toBe(1);
    expect(await store.listRuns({ job: "now", limit: 1 })).toEqual([]);
  });

  test("a run stays until its end has reached all that wait for it", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const count = 5_500;
    const runs = [newRun({ job: "first" }), ...Array.from({ length: count }, () => newRun({ job: "next" }))];
    const edges = runs.slice(1).map((_, index) => ({
      parent: 0,
      child: index + 1,
      onUpstreamFailure: "cancel" as const,
    }));
    await store.submit({ runs, edges });
    await fixture.finish(await fixture.claimOne(await fixture.worker()));
    clock.advance(1);
    const remove = async (): Promise<number> => await store.removeHistory({ endedBeforeMs: clock.now(), limit: 10 });
    expect(await remove()).toBe(0);
    while ((await store.promote(10_000)) > 0);
    expect(await remove()).toBe(1);
    const ready = await store.claim({ workerId: await fixture.worker(), limit: count + 1 });
    expect(ready).toHaveLength(count);
  });

  test("ids of removed runs are not given again", async () => {
    await using fixture = await createStoreFixture(createStore);
    const first = await fixture.submit();
    await fixture.finish(await fixture.claimOne(await fixture.worker()));
    fixture.clock.advance(1);
    expect(await fixture.store.removeHistory({ endedBeforeMs: fixture.clock.now(), limit: 1 })).toBe(1);
    expect(await fixture.submit()).toBeGreaterThan(first);
  });
}

async function runWithRecords(fixture: StoreFixture, job: string): Promise<RunId> {
  const { store } = fixture;
  const runId = await fixture.submit({ job });
  const fence = fenceOf(await fixture.claimJob(await fixture.worker(), job));
  await store.saveCheckpoint(fence, 1);
  await store.saveUnits(fence, [{ key: "unit", state: "done" }]);
  await store.saveSteps([{ ...fence, name: "step", value: 1 }]);
  await store.appendLogs([{ runId, atMs: fixture.clock.now(), level: "info", message: "hello" }]);
  await store.recordProgress([{ runId, done: 1, total: 2, operation: undefined, atMs: fixture.clock.now() }]);
  const made = { dataset: "flights", runId, job, locations: [], schema: [], rowCount: 1, fingerprint: "f" };
  await store.recordDataset(fence, made);
  await fixture.finish(fence);
  return runId;
}
