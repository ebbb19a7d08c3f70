// Runs that handlers ask for: once per name in the life of a run, and never in a circle.
import { expect, test } from "vitest";
import type { Submission } from "../../../../src/store/rows/run-records.ts";
import { codeOf, createStoreFixture, type CreateStore, newRun } from "../store-fixture.ts";

export function describeSpawning(createStore: CreateStore): void {
  test("a run spawns another, which runs like any other", async () => {
    await using fixture = await createStoreFixture(createStore);
    const worker = await fixture.worker();
    await fixture.submit();
    const parent = await fixture.claimOne(worker);
    const spawned = await fixture.store.spawn(parent, "load", single("child"));
    expect(spawned).toMatchObject({ created: true, runIds: [spawned.rootRunId] });
    expect(await fixture.eventTypes(spawned.rootRunId)).toEqual(["submitted"]);
    const child = await fixture.claimOne(worker);
    expect(child).toMatchObject({ runId: spawned.rootRunId, job: "child", parentRunId: undefined });
    await fixture.finish(parent, child);
  });

  test("a name stands for the same run in the next attempt, and in no other run", async () => {
    await using fixture = await createStoreFixture(createStore);
    const worker = await fixture.worker();
    await fixture.submit();
    await fixture.submit({ params: { other: true } });
    const first = await fixture.claimOne(worker);
    const made = await fixture.store.spawn(first, "load", single("child"));
    await fixture.store.settle([{ ...first, end: "released" }]);
    const other = await fixture.claimOne(worker);
    const second = await fixture.claimJob(worker, "job");
    expect(second.runId).toBe(first.runId);
    const again = await fixture.store.spawn(second, "load", single("child", { changed: true }));
    expect(again).toEqual({ rootRunId: made.rootRunId, runIds: [made.rootRunId], created: false });
    const others = await fixture.store.spawn(other, "load", single("child"));
    expect(others.rootRunId).not.toBe(made.rootRunId);
  });

  test("a whole pipeline can be spawned", async () => {
    await using fixture = await createStoreFixture(createStore);
    const worker = await fixture.worker();
    await fixture.submit();
    const parent = await fixture.claimOne(worker);
    const runs = [newRun({ job: "pipeline", kind: "pipeline" }), newRun({ job: "member", parent: 0 })];
    const { runIds } = await fixture.store.spawn(parent, "all", { runs, edges: [] });
    expect(runIds).toHaveLength(2);
    expect(await fixture.store.countChildren(runIds[0] ?? parent.runId)).toEqual({ PENDING: 1 });
  });

  test("a run that lost its lease spawns nothing", async () => {
    await using fixture = await createStoreFixture(createStore);
    const worker = await fixture.worker();
    await fixture.submit();
    const old = await fixture.claimOne(worker);
    await fixture.store.settle([{ ...old, end: "released" }]);
    const current = await fixture.claimOne(worker);
    expect(await codeOf(fixture.store.spawn(old, "load", single("child")))).toBe("RUN_LOST");
    expect(await fixture.store.listRuns({ job: "child", limit: 1 })).toEqual([]);
    await fixture.finish(current);
    expect(await codeOf(fixture.store.spawn(current, "load", single("child")))).toBe("RUN_LOST");
  });

  test("a run that would start one that led to it is refused, and nothing is written", async () => {
    await using fixture = await createStoreFixture(createStore);
    const worker = await fixture.worker();
    await fixture.submit({ job: "a", params: { day: 1 } });
    const a = await fixture.claimOne(worker);
    await fixture.store.spawn(a, "next", single("b", { day: 1 }));
    const b = await fixture.claimOne(worker);
    expect(await codeOf(fixture.store.spawn(b, "next", single("a", { day: 1 })))).toBe("SPAWN_CYCLE");
    expect(await codeOf(fixture.store.spawn(b, "self", single("b", { day: 1 })))).toBe("SPAWN_CYCLE");
    expect(await fixture.store.listRuns({ limit: 10 })).toHaveLength(2);
    expect(await fixture.store.loadStep(b.runId, "spawn:next")).toBeUndefined();
    // Other params are another piece of work.
    expect(await fixture.store.spawn(b, "next", single("a", { day: 2 }))).toMatchObject({ created: true });
  });

  test("a member of a pipeline cannot start its pipeline again", async () => {
    await using fixture = await createStoreFixture(createStore);
    const worker = await fixture.worker();
    const runs = [newRun({ job: "pipeline", kind: "pipeline" }), newRun({ job: "member", parent: 0 })];
    await fixture.store.submit({ runs, edges: [] });
    const member = await fixture.claimOne(worker);
    expect(await codeOf(fixture.store.spawn(member, "again", { runs, edges: [] }))).toBe("SPAWN_CYCLE");
  });

  test("a job that starts itself with ever other params is stopped", async () => {
    await using fixture = await createStoreFixture(createStore);
    const worker = await fixture.worker();
    await fixture.submit({ params: { depth: 0 } });
    let depth = 0;
    let code = "no error";
    while (code === "no error" && depth < 100) {
      depth += 1;
      const run = await fixture.claimOne(worker);
      code = await codeOf(fixture.store.spawn(run, "deeper", single("job", { depth })));
    }
    expect({ code, depth }).toEqual({ code: "SPAWN_CYCLE", depth: 32 });
  });
}

function single(job: string, params: Record<string, number | boolean> = {}): Submission {
  return { runs: [newRun({ job, params })], edges: [] };
}
