// The contract of limits: a gate never has more slots taken than it has, whoever claims and however leases end.
import { expect, test } from "vitest";
import type { ClaimedRun, WorkerId } from "../../../../src/store/rows/run-records.ts";
import {
  codeOf,
  createStoreFixture,
  type CreateStore,
  fenceOf,
  newRun,
  someError,
  type StoreFixture,
  workerTtlMs,
} from "../store-fixture.ts";

export function describeLimiting(createStore: CreateStore): void {
  const kinds = ["job:etl", "pool:gpu", "connection:github", "tenant:acme"];

  test.each(kinds)("as many runs execute at once as %s has slots", async (gate) => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.store.setLimits([{ gate, capacity: 2 }]);
    await submitMany(fixture, 5, [gate]);
    const free = await fixture.submit();
    const workerId = await fixture.worker();
    const claimed = await fixture.store.claim({ workerId, limit: 9 });
    expect(claimed).toHaveLength(3);
    expect(claimed.map(({ runId }) => runId)).toContain(free);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
    expect(await held(fixture, gate)).toBe(2);
    await fixture.finish(...claimed);
    expect(await held(fixture, gate)).toBe(0);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toHaveLength(2);
  });

  test("a run takes a slot of each of its gates, or none", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.store.setLimits([
      { gate: "pool:a", capacity: 3 },
      { gate: "pool:b", capacity: 1 },
    ]);
    await submitMany(fixture, 3, ["pool:b", "pool:a", "pool:a"]);
    await submitMany(fixture, 3, ["pool:a"]);
    const claimed = await fixture.store.claim({ workerId: await fixture.worker(), limit: 9 });
    expect(claimed).toHaveLength(3);
    expect(await fixture.store.listLimits()).toEqual([
      { gate: "pool:a", capacity: 3, held: 3, blockedUntilMs: undefined },
      { gate: "pool:b", capacity: 1, held: 1, blockedUntilMs: undefined },
    ]);
  });

  test("a gate without a limit lets all through, and a limit that is set later counts those", async () => {
    await using fixture = await createStoreFixture(createStore);
    await submitMany(fixture, 6, ["pool:p"]);
    const workerId = await fixture.worker();
    const claimed = await fixture.store.claim({ workerId, limit: 3 });
    expect(claimed).toHaveLength(3);
    await fixture.store.setLimits([{ gate: "pool:p", capacity: 3 }]);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
    await fixture.store.setLimits([{ gate: "pool:p", capacity: undefined }]);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toHaveLength(3);
  });

  test("a lowered limit takes nobody's slot and lets nobody in until enough have left", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.store.setLimits([{ gate: "pool:p", capacity: 3 }]);
    await submitMany(fixture, 5, ["pool:p"]);
    const workerId = await fixture.worker();
    const [first = none(), second = none(), third = none()] = await fixture.store.claim({ workerId, limit: 9 });
    await fixture.store.setLimits([{ gate: "pool:p", capacity: 1 }]);
    expect(await fixture.store.heldFences([fenceOf(third)])).toHaveLength(1);
    await fixture.finish(first, second);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
    await fixture.finish(third);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toHaveLength(1);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
  });

  test.each([-1, 0, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("a capacity of %s is refused", async (capacity) => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.store.setLimits([{ gate: "pool:p", capacity: 2 }]);
    const limits = [
      { gate: "pool:q", capacity: 1 },
      { gate: "pool:p", capacity },
    ];
    expect(await codeOf(fixture.store.setLimits(limits))).toBe("VALUE_INVALID");
    expect(await fixture.store.listLimits()).toMatchObject([{ gate: "pool:p", capacity: 2 }]);
  });

  test("a slot is free again however the lease ends", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.store.setLimits([{ gate: "pool:p", capacity: 1 }]);
    await submitMany(fixture, 9, ["pool:p"]);
    const workerId = await fixture.worker();
    const delayMs = 60_000;
    const ends: ((run: ClaimedRun, holder: WorkerId) => Promise<unknown>)[] = [
      (run) => fixture.finish(run),
      (run) => fixture.fail(run),
      (run) => fixture.store.settle([{ ...fenceOf(run), end: "retry", delayMs, error: someError }]),
      (run) => fixture.store.settle([{ ...fenceOf(run), end: "snoozed", delayMs }]),
      (run) => fixture.store.settle([{ ...fenceOf(run), end: "released" }]),
      (run) => fixture.store.control({ action: "force_stop", target: { runId: run.runId }, by: "ann" }),
      (_, holder) => fixture.store.retireWorker(holder),
      (_, holder) => fixture.store.reap({ limit: 9, deadWorkerIds: [holder], maxLosses: 3 }),
      async () => {
        fixture.clock.advance(workerTtlMs);
        await fixture.store.reap({ limit: 9, deadWorkerIds: [], maxLosses: 3 });
      },
    ];
    for (const end of ends) {
      const holder = await fixture.worker("holder");
      const run = await fixture.claimOne(holder);
      expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
      await end(run, holder);
      expect(await held(fixture, "pool:p")).toBe(0);
      expect(await fixture.store.verify()).toEqual([]);
    }
  });

  test("claimers at once never take more than there are slots", async () => {
    await using fixture = await createStoreFixture(createStore);
    await using other = await fixture.underTest.open();
    await fixture.store.setLimits([
      { gate: "pool:p", capacity: 3 },
      { gate: "job:j", capacity: 5 },
    ]);
    await submitMany(fixture, 40, ["pool:p", "job:j"]);
    await submitMany(fixture, 40, ["job:j"]);
    const stores = [fixture.store, other];
    const workers = await Promise.all([1, 2, 3, 4].map(async (id) => await fixture.worker(`w${id}`)));
    const finished = new Set<number>();
    for (let round = 0; round < 60 && finished.size < 80; round += 1) {
      const claims = workers.map(async (workerId, index) => {
        return await (stores[index % 2] ?? fixture.store).claim({ workerId, limit: 4 });
      });
      const claimed = (await Promise.all(claims)).flat();
      const limits = await fixture.store.listLimits();
      for (const { held: taken, capacity = 0 } of limits) expect(taken).toBeLessThanOrEqual(capacity);
      expect(claimed.length).toBeLessThanOrEqual(5);
      await Promise.all(claimed.map((run) => fixture.finish(run)));
      for (const { runId } of claimed) finished.add(runId);
    }
    expect(finished.size).toBe(80);
  });

  test("a gate that is blocked lets nothing through before its time, and half open lets one through", async () => {
    await using fixture = await createStoreFixture(createStore);
    const gate = "connection:github";
    await submitMany(fixture, 3, [gate]);
    const workerId = await fixture.worker();
    const probeAtMs = fixture.clock.now() + 1_000;
    const breaker = {
      name: "github",
      failures: 5,
      refusals: 0,
      openedAtMs: fixture.clock.now(),
      probeAtMs,
      lastError: "502",
    };
    expect(await fixture.store.saveBreaker({ ...breaker, state: "open", version: 0 })).toBe(true);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
    expect(await fixture.store.listLimits()).toMatchObject([{ gate, blockedUntilMs: probeAtMs }]);
    fixture.clock.advance(1_000);
    expect(await fixture.store.saveBreaker({ ...breaker, state: "half_open", version: 1 })).toBe(true);
    const [probe = none(), ...more] = await fixture.store.claim({ workerId, limit: 9 });
    expect(more).toEqual([]);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
    await fixture.finish(probe);
    const closed = {
      ...breaker,
      failures: 0,
      refusals: 0,
      openedAtMs: undefined,
      probeAtMs: undefined,
      lastError: undefined,
    };
    expect(await fixture.store.saveBreaker({ ...closed, state: "closed", version: 2 })).toBe(true);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toHaveLength(2);
  });

  test("a limit is changed together with others, or not at all when it is not what was seen", async () => {
    await using fixture = await createStoreFixture(createStore);
    await using other = await fixture.underTest.open();
    const gate = "pool:p";
    await fixture.store.setLimits([{ gate, capacity: 2, seenCapacity: null }]);
    const both = [
      { gate: "pool:q", capacity: 1 },
      { gate, capacity: 3, seenCapacity: null },
    ];
    expect(await codeOf(fixture.store.setLimits(both))).toBe("VERSION_CONFLICT");
    expect(await fixture.store.listLimits()).toMatchObject([{ gate, capacity: 2 }]);
    const codes = [fixture.store, other].map((store, index) =>
      codeOf(store.setLimits([{ gate, capacity: 5 + index, seenCapacity: 2 }])),
    );
    expect((await Promise.all(codes)).toSorted()).toEqual(["VERSION_CONFLICT", "no error"]);
  });

  test("holders of a gate are listed by id, some of each", async () => {
    await using fixture = await createStoreFixture(createStore);
    await submitMany(fixture, 3, ["pool:p"]);
    await submitMany(fixture, 1, ["pool:p", "pool:q"]);
    const ids = (await fixture.store.claim({ workerId: await fixture.worker(), limit: 9 })).map(({ runId }) => runId);
    const sorted = ids.toSorted((a, b) => a - b);
    const holders = await fixture.store.listHolders(["pool:p", "pool:q", "pool:r"], 2);
    expect([...holders]).toEqual([
      ["pool:p", sorted.slice(0, 2)],
      ["pool:q", sorted.slice(3)],
    ]);
    expect((await fixture.store.listHolders([], 2)).size).toBe(0);
  });

  test("work behind a closed gate does not hold up work beside it", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.store.setLimits([{ gate: "pool:p", capacity: 1 }]);
    await submitMany(fixture, 200, ["pool:p"], { priority: -5 });
    const free = await fixture.submit();
    const workerId = await fixture.worker();
    await fixture.claimOne(workerId);
    expect((await fixture.store.claim({ workerId, limit: 1 })).map(({ runId }) => runId)).toEqual([free]);
  });
}

/** Runs of one lane in one submission. */
export async function submitMany(
  fixture: StoreFixture,
  count: number,
  gates: readonly string[],
  overrides: Parameters<typeof newRun>[0] = {},
): Promise<void> {
  const runs = Array.from({ length: count }, () => newRun({ gates, ...overrides }));
  await fixture.store.submit({ runs, edges: [] });
}

async function held(fixture: StoreFixture, gate: string): Promise<number | undefined> {
  return (await fixture.store.listLimits()).find((limit) => limit.gate === gate)?.held;
}

function none(): never {
  throw new Error("fewer runs than expected");
}
