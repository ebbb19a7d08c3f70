// The contract of recovery: which workers count as dead, and what becomes of the runs they held.
import { expect, test } from "vitest";
import { createStoreFixture, type CreateStore, fenceOf, workerTtlMs } from "../store-fixture.ts";

export function describeRecovering(createStore: CreateStore): void {
  test("runs of an expired worker become ready, keep their epoch and do not count the attempt", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const lost = await fixture.claimOne(await fixture.worker("anna"));
    const request = { limit: 10, deadWorkerIds: [], maxLosses: 3 };
    fixture.clock.advance(workerTtlMs - 1);
    expect(await fixture.store.reap(request)).toEqual([]);
    fixture.clock.advance(1);
    expect(await fixture.store.reap(request)).toEqual([runId]);
    expect(await fixture.store.reap(request)).toEqual([]);
    expect(await fixture.run(runId)).toMatchObject({ state: "PENDING", attempt: 0, epoch: 1 });
    expect(await fixture.store.listWorkers()).toEqual([]);

    const again = await fixture.claimOne(await fixture.worker());
    expect(again).toMatchObject({ runId, epoch: 2, attempt: 1 });
    expect((await fixture.finish(lost)).lostRunIds).toEqual([runId]);
    expect((await fixture.finish(again)).lostRunIds).toEqual([]);
    expect((await fixture.store.listAttempts(runId)).map(({ end, worker }) => `${end} ${worker}`)).toEqual([
      "lost anna",
      "finished w",
    ]);
    expect(await fixture.eventTypes(runId)).toEqual(["submitted", "started", "lost", "started", "finished"]);
  });

  test("a worker named dead loses its runs before its time, others keep theirs", async () => {
    await using fixture = await createStoreFixture(createStore);
    const [dead, alive] = [await fixture.worker(), await fixture.worker()];
    const [first, second] = [await fixture.submit(), await fixture.submit()];
    await fixture.claimOne(dead);
    await fixture.claimOne(alive);
    expect(await fixture.store.reap({ limit: 10, deadWorkerIds: [dead], maxLosses: 3 })).toEqual([first]);
    expect([await fixture.state(first), await fixture.state(second)]).toEqual(["PENDING", "RUNNING"]);
    expect((await fixture.store.listWorkers()).map(({ workerId }) => workerId)).toEqual([alive]);
  });

  test("runs are taken back in chunks until none is left", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    for (let count = 0; count < 5; count += 1) await fixture.submit();
    await fixture.store.claim({ workerId, limit: 5 });
    const reap = async (): Promise<number> =>
      (await fixture.store.reap({ limit: 2, deadWorkerIds: [workerId], maxLosses: 3 })).length;
    expect([await reap(), await reap(), await reap(), await reap()]).toEqual([2, 2, 1, 0]);
  });

  test("a run that was lost too often ends, and its dependants with it", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = await fixture.submitGraph("ab", "a>b");
    for (let losses = 1; losses <= 3; losses += 1) {
      const workerId = await fixture.worker();
      expect(await fixture.claimOne(workerId)).toMatchObject({ epoch: losses, attempt: 1 });
      expect(await fixture.store.reap({ limit: 10, deadWorkerIds: [workerId], maxLosses: 3 })).toEqual([runs["a"]]);
    }
    expect(await fixture.states(runs)).toEqual({ a: "ERROR(lost)", b: "ERROR(upstream_failed)" });
    const [a] = Object.values(runs);
    const lost = await fixture.store.findRun(a ?? fail());
    expect(lost).toMatchObject({ attempt: 0, epoch: 3, error: { code: "RUN_LOST" } });
    expect((await fixture.eventTypes(a ?? fail())).slice(-3)).toEqual(["started", "lost", "failed"]);
  });

  test("a death with several aboard ends none of them, however often; only what was alone aboard is given up", async () => {
    await using fixture = await createStoreFixture(createStore);
    const maxLosses = 3;
    const runIds = [await fixture.submit(), await fixture.submit(), await fixture.submit(), await fixture.submit()];
    const losses = new Map(runIds.map((runId) => [runId, { all: 0, alone: 0 }]));
    // Worker by worker, 1 to 4 of the runs are aboard when it dies, and it is found dead in chunks of 1 or 2.
    for (let death = 0; death < 60; death += 1) {
      const workerId = await fixture.worker();
      const aboard = await fixture.store.claim({ workerId, limit: 1 + ((death * 7) % 4) });
      for (const run of aboard) expect(run.losses).toBe(losses.get(run.runId)?.all);
      const reap = { limit: 1 + (death % 2), deadWorkerIds: [workerId], maxLosses };
      for (let back = 0; back < aboard.length;) back += (await fixture.store.reap(reap)).length;
      for (const { runId } of aboard) {
        const counted = losses.get(runId) ?? fail();
        counted.all += 1;
        if (aboard.length === 1) counted.alone += 1;
        const facts = await fixture.store.findWaitFacts(runId);
        expect(facts?.losses).toEqual({ count: counted.all, alone: counted.alone });
        const isGivenUp = counted.alone === maxLosses;
        expect(await fixture.state(runId)).toBe(isGivenUp ? "ERROR(lost)" : "PENDING");
        if (isGivenUp) losses.delete(runId);
      }
      if (losses.size === 0) break;
    }
    expect(losses.size).toBe(0);
  });

  test("a pipeline that is summed up beside a run is not aboard: it has no code that could kill", async () => {
    await using fixture = await createStoreFixture(createStore);
    const pipeline = await fixture.submit({ kind: "pipeline" });
    const job = await fixture.submit();
    const workerId = await fixture.worker();
    expect(await fixture.store.claim({ workerId, limit: 9 })).toHaveLength(2);
    await fixture.store.reap({ limit: 9, deadWorkerIds: [workerId], maxLosses: 1 });
    expect([await fixture.state(job), await fixture.state(pipeline)]).toEqual(["ERROR(lost)", "RUNNING"]);
    expect(await fixture.claimOne(await fixture.worker())).toMatchObject({ runId: pipeline, losses: 0 });
  });

  test("real failures and losses are counted apart", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const error = {
      code: "JOB_FAILED_TRANSIENT",
      message: "again",
      disposition: "retry",
      origin: "user-code",
    } as const;
    for (let turn = 0; turn < 2; turn += 1) {
      const workerId = await fixture.worker();
      await fixture.claimOne(workerId);
      await fixture.store.reap({ limit: 10, deadWorkerIds: [workerId], maxLosses: 3 });
      const run = await fixture.claimOne(await fixture.worker());
      await fixture.store.settle([{ ...fenceOf(run), end: "retry", delayMs: 0, error }]);
      await fixture.store.promote(10);
    }
    expect(await fixture.run(runId)).toMatchObject({ state: "PENDING", attempt: 2, epoch: 4 });
  });

  test("a retired worker gives its runs back at once, without counting the attempt", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    const [first, second] = [await fixture.submit(), await fixture.submit()];
    const held = await fixture.store.claim({ workerId, limit: 2 });
    await fixture.store.retireWorker(workerId);
    await fixture.store.retireWorker(workerId);
    for (const runId of [first, second]) {
      expect(await fixture.run(runId)).toMatchObject({ state: "PENDING", attempt: 0, epoch: 1 });
      expect(await fixture.eventTypes(runId)).toEqual(["submitted", "started", "released"]);
    }
    expect((await fixture.finish(...held)).lostRunIds).toEqual([first, second]);
    expect(await fixture.store.heldFences(held)).toEqual([]);
  });

  test("what is in the store is there for the next process", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = await fixture.submitGraph("ab", "a>b");
    const run = await fixture.claimOne(await fixture.worker());
    await fixture.store.saveCheckpoint(run, { page: 3 });
    await fixture.finish(run);
    await using other = await fixture.underTest.open();
    expect((await other.loadCheckpoints(run.runId))[0]?.data).toEqual({ page: 3 });
    expect((await other.listRuns({ limit: 9 })).map(({ id, state }) => `${id} ${state}`)).toEqual([
      `${runs["b"]} PENDING`,
      `${runs["a"]} FINISHED`,
    ]);
    expect(await other.verify()).toEqual([]);
  });
}

function fail(): never {
  throw new Error("fewer runs than expected");
}
