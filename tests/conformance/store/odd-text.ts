// Text that a database cannot keep (U+0000, halves of surrogate pairs) is changed to U+FFFD, the same in every store: it
// neither spoils a batch nor hides a row from who looks for it by the text he wrote. JSON keeps all of it.
import { expect, test } from "vitest";
import { createStoreFixture, type CreateStore, fenceOf, newRun } from "./store-fixture.ts";

const odd = "a\0b\ud83d";
const kept = "a\uFFFDb\uFFFD";

export function describeOddText(createStore: CreateStore): void {
  test("a submission is kept and found, its key and its limits hold", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const gates = [`tenant:${odd}`];
    const runs = [newRun({ tenant: odd, createdBy: odd, gates, params: { [odd]: odd } })];
    const submission = { runs, edges: [], runKey: odd };
    const { rootRunId, created } = await store.submit(submission);
    expect(created).toBe(true);
    expect(await store.submit(submission)).toEqual({ rootRunId, runIds: [rootRunId], created: false });
    await store.submit({ runs, edges: [] });
    await store.setLimits([{ gate: `tenant:${odd}`, capacity: 1 }]);
    const claimed = await store.claim({ workerId: await fixture.worker(odd), limit: 2 });
    expect(claimed).toHaveLength(1);
    expect(claimed[0]).toMatchObject({ runId: rootRunId, tenant: kept, createdBy: kept, params: { [odd]: odd } });
    expect(await store.listLimits()).toMatchObject([{ gate: `tenant:${kept}`, capacity: 1, held: 1 }]);
  });

  test("what a run writes down is kept and found by its name", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const runId = await fixture.submit();
    const fence = fenceOf(await fixture.claimOne(await fixture.worker()));
    await store.saveCheckpoint(fence, odd);
    expect(await store.loadCheckpoints(runId)).toMatchObject([{ data: odd }]);
    await store.saveSteps([{ ...fence, name: odd, value: odd }]);
    expect(await store.loadStep(runId, odd)).toEqual({ value: odd });
    await store.saveUnits(fence, [{ key: odd, state: "failed", error: odd }]);
    expect(await store.loadUnits(runId)).toEqual([{ key: kept, state: "failed", error: kept }]);
    await store.appendEvents(fence, [{ type: odd, data: odd }]);
    expect((await store.listEvents(runId, 0, 10)).at(-1)).toMatchObject({ type: kept, data: odd });
    const line = { runId, atMs: clock.now(), level: "info" as const };
    await store.appendLogs([
      { ...line, message: odd, fields: { [odd]: odd } },
      { ...line, message: "next" },
    ]);
    expect(await store.listLogs(runId, 0, 10)).toMatchObject([
      { message: kept, fields: { [odd]: odd } },
      { message: "next" },
    ]);
    await store.recordProgress([{ runId, done: 1, total: 2, operation: odd, atMs: clock.now() }]);
    expect((await fixture.run(runId)).progress).toMatchObject({ operation: kept });
    const made = { dataset: odd, runId, job: "job", locations: [], schema: [], rowCount: 1, fingerprint: "f" };
    await store.recordDataset(fence, made);
    expect(await store.recordDataset(fence, made)).toMatchObject({ dataset: kept, version: 1 });
    expect(await store.findDataset(odd)).toMatchObject({ dataset: kept, version: 1 });
    const spawned = await store.spawn(fence, odd, { runs: [newRun({ job: "child" })], edges: [] });
    expect(await store.spawn(fence, odd, { runs: [newRun({ job: "child" })], edges: [] })).toMatchObject({
      rootRunId: spawned.rootRunId,
      created: false,
    });
  });
}
