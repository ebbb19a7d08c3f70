// The contract of what a run's page shows at once: who executes it, its units, data, checks and first failure.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import { at, createStoreFixture, type CreateStore, fenceOf, newRun, someError } from "../store-fixture.ts";
import { datasetOf } from "../work/settling.ts";

export function describeFindings(createStore: CreateStore): void {
  test("of a run nobody knows there is nothing", async () => {
    await using fixture = await createStoreFixture(createStore);
    expect(await fixture.store.readRunFindings(4_711 as RunId)).toEqual({
      executing: undefined,
      attempts: [],
      lastSeq: 0,
      units: { done: 0, failed: 0 },
      traffic: { exchanges: 0, failed: 0, bytes: 0, kept: 0 },
      failedUnits: [],
      firstFailedRunId: undefined,
      events: [],
      codes: new Map(),
      named: [],
    });
    expect(await fixture.store.listLastEvents(4_711 as RunId, 10)).toEqual([]);
  });

  test("a run that executes says where, since when, and how many units it has done", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const run = await fixture.claimOne(await fixture.worker("w7"));
    const units = ["a", "b", "c"].map((key) => ({ key, state: key === "c" ? ("failed" as const) : ("done" as const) }));
    await fixture.store.saveUnits(run, units);
    const found = await fixture.store.readRunFindings(runId);
    expect(found.executing).toEqual({ worker: "w7", epoch: 1, attempt: 1, startedAtMs: fixture.clock.now() });
    expect(found.units).toEqual({ done: 2, failed: 1 });
    expect(found.failedUnits).toEqual([{ runId, job: found.failedUnits[0]?.job, key: "c", error: undefined }]);
    await fixture.finish(run);
    const ended = await fixture.store.readRunFindings(runId);
    expect(ended.executing).toBeUndefined();
    expect(ended.attempts).toMatchObject([{ attempt: 1, worker: "w7", end: "finished" }]);
    expect(ended.lastSeq).toBe((await fixture.store.listEvents(runId, 0, 100)).at(-1)?.seq);
  });

  test("of a run that was tried often the last hundred attempts are shown, oldest first", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const workerId = await fixture.worker();
    for (let epoch = 1; epoch <= 103; epoch += 1) {
      await fixture.store.settle([{ ...fenceOf(await fixture.claimOne(workerId)), end: "released" }]);
    }
    const epochs = (await fixture.store.readRunFindings(runId)).attempts.map(({ epoch }) => epoch);
    expect(epochs).toEqual(Array.from({ length: 100 }, (_, index) => index + 4));
    expect(await fixture.store.listAttempts(runId)).toHaveLength(103);
  });

  test("a pipeline run has what its members published, checked and warned of, and no other events", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { rootRunId, runIds } = await fixture.store.submit(pipelineOf(["load", "copy"]));
    const workerId = await fixture.worker();
    const load = await fixture.claimJob(workerId, "load");
    const made = await fixture.store.recordDataset(load, datasetOf(load.runId));
    await fixture.store.appendEvents(load, [
      { type: "dataset_published", data: { dataset: "flights", version: 1 } },
      { type: "quarantined", data: { dataset: "flights", into: "flights_quarantine", rows: 1, checks: {} } },
      { type: "note", data: "not worth a look" },
      { type: "warning", data: { message: "slow" } },
    ]);
    const result = { dataset: "flights", version: made.version, rows: 3 };
    await fixture.store.settle([{ ...fenceOf(load), end: "finished", result, code: "c0de" }]);
    const copy = await fixture.claimJob(workerId, "copy");
    await fixture.store.settle([{ ...fenceOf(copy), end: "finished", result }]);
    const found = await fixture.store.readRunFindings(rootRunId);
    expect(found.events.map(({ runId, job, type }) => [runId, job, type])).toEqual([
      [at(runIds, 1), "load", "dataset_published"],
      [at(runIds, 1), "load", "quarantined"],
      [at(runIds, 1), "load", "warning"],
    ]);
    expect(found.codes).toEqual(new Map([["load", "c0de"]]));
    const version = { dataset: "flights", version: 1, rowCount: 3, locations: made.locations };
    expect(found.named).toEqual([
      { ...version, runId: at(runIds, 1), job: "load", isOwn: true },
      { ...version, runId: at(runIds, 2), job: "copy", isOwn: false },
    ]);
    expect(found.firstFailedRunId).toBeUndefined();
    await fixture.finish(await fixture.claimOne(workerId));
  });

  test("the last events of a pipeline run are those of the run and its members, by time, oldest first", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { rootRunId, runIds } = await fixture.store.submit(pipelineOf(["a", "b"]));
    const workerId = await fixture.worker();
    const [a, b] = [await fixture.claimJob(workerId, "a"), await fixture.claimJob(workerId, "b")];
    for (const run of [a, b, a]) {
      fixture.clock.advance(1_000);
      await fixture.store.appendEvents(run, [{ type: "note", data: run.job }]);
    }
    const events = await fixture.store.listLastEvents(rootRunId, 2);
    expect(events).toMatchObject([
      { runId: at(runIds, 2), job: "b", type: "note", data: "b" },
      { runId: at(runIds, 1), job: "a", type: "note", data: "a" },
    ]);
    const all = await fixture.store.listLastEvents(rootRunId, 100);
    expect(all.map(({ atMs }) => atMs)).toEqual(all.map(({ atMs }) => atMs).toSorted((x, y) => x - y));
    expect(new Set(all.map(({ runId }) => runId))).toEqual(new Set([rootRunId, ...runIds]));
  });

  test("results that only look like datasets name none", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    const results = [
      { dataset: "flights", version: "'; drop table run; --" },
      { dataset: { deep: 1 }, version: 1 },
      { dataset: "never_published", version: 99_999_999_999 },
      [{ dataset: "flights", version: 1 }],
      'the text "dataset"',
    ];
    for (const result of results) {
      const runId = await fixture.submit();
      await fixture.store.settle([{ ...fenceOf(await fixture.claimOne(workerId)), end: "finished", result }]);
      expect((await fixture.store.readRunFindings(runId)).named).toEqual([]);
    }
  });

  test("the first failure of a pipeline run is the earliest that was a run's own", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { rootRunId, runIds } = await fixture.store.submit(pipelineOf(["a", "b", "c"], [[1, 3]]));
    const workerId = await fixture.worker();
    const runs = await fixture.store.claim({ workerId, limit: 2 });
    const [a, b] = [at(runs, 0), at(runs, 1)];
    fixture.clock.advance(1_000);
    await fixture.store.settle([{ ...fenceOf(b), end: "failed", reason: "failed", error: someError }]);
    fixture.clock.advance(1_000);
    await fixture.store.settle([{ ...fenceOf(a), end: "failed", reason: "failed", error: someError }]);
    expect((await fixture.store.readRunFindings(rootRunId)).firstFailedRunId).toBe(at(runIds, 2));
  });

  test("only the newest events of a run that writes many are looked at", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const run = await fixture.claimOne(await fixture.worker());
    await fixture.store.appendEvents(run, [{ type: "warning", data: { message: "long ago" } }]);
    await fixture.store.appendEvents(
      run,
      Array.from({ length: 600 }, () => ({ type: "note" })),
    );
    await fixture.store.appendEvents(run, [{ type: "warning", data: { message: "now" } }]);
    expect((await fixture.store.readRunFindings(runId)).events.map(({ data }) => data)).toEqual([{ message: "now" }]);
  });

  test("what runs of a job left out of a dataset is found, newest first, whatever else they wrote", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const left = (dataset: string, count: number) => ({
      type: "schema_changed",
      data: { dataset, added: [], missing: [], discarded: [{ column: "x", type: "DOUBLE", count }] },
    });
    const workerId = await fixture.worker();
    for (const events of [
      [left("d", 1), left("other", 2)],
      [left("d", 3), { type: "schema_changed", data: ["odd"] }],
    ]) {
      await fixture.submit({ job: "load" });
      const run = await fixture.claimOne(workerId);
      await store.appendEvents(run, events);
      await fixture.finish(run);
    }
    expect((await store.listDiscarded("d", ["load", "load"])).map(({ column, count }) => [column, count])).toEqual([
      ["x", 3],
      ["x", 1],
    ]);
    expect(await store.listDiscarded("d", [])).toEqual([]);
  });
}

function pipelineOf(jobs: readonly string[], edges: readonly (readonly [number, number])[] = []) {
  return {
    runs: [newRun({ job: "all", kind: "pipeline" }), ...jobs.map((job) => newRun({ job, parent: 0 }))],
    edges: edges.map(([parent, child]) => ({ parent, child, onUpstreamFailure: "cancel" as const })),
  };
}
