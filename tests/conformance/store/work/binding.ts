// Runs that are bound to a worker: nobody else is handed them while it is in service, and afterwards they are orphans.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import type { NewRun, WorkerId } from "../../../../src/store/rows/run-records.ts";
import { createStoreFixture, type CreateStore, newRun, type StoreFixture } from "../store-fixture.ts";

export function describeBinding(createStore: CreateStore): void {
  test("a bound run is handed to its worker alone", async () => {
    await using fixture = await createStoreFixture(createStore);
    const [owner, other] = [await fixture.worker("owner"), await fixture.worker("other")];
    const bound = await submitBound(fixture, owner);
    const free = await fixture.submit({ job: "free" });
    expect((await fixture.store.claim({ workerId: other, limit: 9 })).map(({ runId }) => runId)).toEqual([free]);
    const claimed = await fixture.store.claim({ workerId: owner, limit: 9 });
    expect(claimed.map(({ runId }) => runId)).toEqual([bound]);
    expect(claimed[0]).not.toHaveProperty("isOrphan");
  });

  test("a worker that takes bound runs only leaves all others alone", async () => {
    await using fixture = await createStoreFixture(createStore);
    const owner = await fixture.worker();
    const free = await fixture.submit();
    expect(await fixture.store.claim({ workerId: owner, limit: 9, onlyBound: true })).toEqual([]);
    const bound = await submitBound(fixture, owner);
    const claimed = await fixture.store.claim({ workerId: owner, limit: 9, onlyBound: true });
    expect(claimed.map(({ runId }) => runId)).toEqual([bound]);
    expect((await fixture.claimOne(owner)).runId).toBe(free);
  });

  test("members, attempts and spawned runs of a bound run are bound as it is", async () => {
    await using fixture = await createStoreFixture(createStore);
    const [owner, other] = [await fixture.worker("owner"), await fixture.worker("other")];
    const runs = [newRun({ job: "all", kind: "pipeline" }), newRun({ job: "member", parent: 0 })];
    await fixture.store.submit({ runs, edges: [], boundTo: owner });
    const member = await fixture.claimOne(owner);
    await fixture.store.spawn(member, "child", { runs: [newRun({ job: "child" })], edges: [] });
    await fixture.store.settle([{ ...member, end: "released" }]);
    expect(await fixture.store.claim({ workerId: other, limit: 9 })).toEqual([]);
    const claimed = await fixture.store.claim({ workerId: owner, limit: 9 });
    expect(claimed.map(({ job }) => job).toSorted()).toEqual(["child", "member"]);
    await fixture.finish(...claimed);
    expect(await fixture.store.claim({ workerId: other, limit: 9 })).toEqual([]);
    expect((await fixture.claimOne(owner)).job).toBe("all");
  });

  test("what a worker that is gone leaves is handed out as an orphan, and so is another try", async () => {
    await using fixture = await createStoreFixture(createStore);
    const [owner, other] = [await fixture.worker("owner"), await fixture.worker("other")];
    const bound = await submitBound(fixture, owner);
    await fixture.claimOne(owner);
    await fixture.store.retireWorker(owner);
    const orphan = await fixture.claimOne(other);
    expect(orphan).toMatchObject({ runId: bound, isOrphan: true });
    await fixture.fail(orphan);
    await fixture.store.control({ action: "rerun", target: { runId: bound }, by: "ada" });
    expect(await fixture.claimOne(other)).toMatchObject({ runId: bound, isOrphan: true });
  });

  test("limits hold for bound runs, too", async () => {
    await using fixture = await createStoreFixture(createStore);
    const [owner, other] = [await fixture.worker("owner"), await fixture.worker("other")];
    await fixture.store.setLimits([{ gate: "job:one", capacity: 1 }]);
    await submitBound(fixture, owner, { gates: ["job:one"] });
    await submitBound(fixture, owner, { gates: ["job:one"] });
    expect(await fixture.store.claim({ workerId: other, limit: 9 })).toEqual([]);
    expect(await fixture.store.claim({ workerId: owner, limit: 9 })).toHaveLength(1);
    expect(await fixture.store.claim({ workerId: owner, limit: 9 })).toEqual([]);
  });
}

async function submitBound(
  { store }: StoreFixture,
  boundTo: WorkerId,
  overrides: Partial<NewRun> = {},
): Promise<RunId> {
  return (await store.submit({ runs: [newRun({ job: "bound", ...overrides })], edges: [], boundTo })).rootRunId;
}
