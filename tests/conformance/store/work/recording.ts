// The contract of what runs write down, and of the lists that show it.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import type { NewDatasetVersion } from "../../../../src/store/rows/run-records.ts";
import { createStoreFixture, type CreateStore, fenceOf, newRun } from "../store-fixture.ts";
import { datasetOf } from "./settling.ts";

export function describeRecording(createStore: CreateStore): void {
  test("the last three checkpoints are kept, newest first", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const run = await fixture.claimOne(await fixture.worker());
    for (let page = 1; page <= 5; page += 1) await fixture.store.saveCheckpoint(run, { page });
    const kept = await fixture.store.loadCheckpoints(runId);
    expect(kept.map(({ version, data }) => ({ version, data }))).toEqual(
      [5, 4, 3].map((page) => ({ version: page, data: { page } })),
    );
    expect(await fixture.store.loadCheckpoints((runId + 1) as RunId)).toEqual([]);
  });

  test("a damaged checkpoint has no data, and its predecessor still has", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const run = await fixture.claimOne(await fixture.worker());
    await fixture.store.saveCheckpoint(run, { page: 1 });
    await fixture.store.saveCheckpoint(run, { page: 2 });
    await fixture.underTest.damageCheckpoint(runId, 2);
    const [newest, before] = await fixture.store.loadCheckpoints(runId);
    expect(newest).toMatchObject({ version: 2, data: undefined });
    expect(before).toMatchObject({ version: 1, data: { page: 1 } });
  });

  test("units, steps and checkpoints of one attempt are there for the next", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const workerId = await fixture.worker();
    const first = await fixture.claimOne(workerId);
    await fixture.store.saveUnits(first, [
      { key: "b", state: "failed", error: "no such repository" },
      { key: "a", state: "done" },
    ]);
    await fixture.store.saveSteps([{ ...fenceOf(first), name: "token", value: null }]);
    await fixture.store.saveCheckpoint(first, ["__proto__", { ["__proto__"]: 1 }]);
    await fixture.store.settle([{ ...fenceOf(first), end: "released" }]);
    const second = await fixture.claimOne(workerId);
    await fixture.store.saveUnits(second, [{ key: "b", state: "done" }]);
    await fixture.store.saveSteps([{ ...fenceOf(second), name: "token", value: "another" }]);
    expect(await fixture.store.loadUnits(runId)).toEqual([
      { key: "a", state: "done" },
      { key: "b", state: "done" },
    ]);
    expect(await fixture.store.loadStep(runId, "token")).toEqual({ value: null });
    expect(await fixture.store.loadStep(runId, "other")).toBeUndefined();
    expect(JSON.stringify((await fixture.store.loadCheckpoints(runId))[0]?.data)).toBe('["__proto__",{"__proto__":1}]');
  });

  test("units of each loop are a set of their own, and those from before loops count in all", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const runId = await fixture.submit();
    const fence = await fixture.claimOne(await fixture.worker());
    await store.saveUnits(fence, [
      { loop: "1", key: "a", state: "done" },
      { loop: "2", key: "a", state: "failed", error: "no upload" },
      { loop: "=up", key: "b", state: "done" },
      { key: "old", state: "done" },
    ]);
    await store.saveUnits(fence, [{ loop: "2", key: "c", state: "done" }]);
    const old = { key: "old", state: "done" };
    expect(await store.loadUnits(runId, "1")).toEqual([old, { loop: "1", key: "a", state: "done" }]);
    expect(await store.loadUnits(runId, "2")).toMatchObject([old, { key: "a", state: "failed" }, { key: "c" }]);
    expect(await store.loadUnits(runId, "3")).toEqual([old]);
    const all = await store.loadUnits(runId);
    expect(all.map(({ loop = "", key }) => loop + key)).toEqual(["old", "1a", "2a", "2c", "=upb"]);
    const paged = [];
    for (let after: (typeof all)[number] | undefined; paged.length < 9;) {
      const [unit] = await store.listUnits({ runId, limit: 1, ...(after === undefined ? {} : { after }) });
      if (unit === undefined) break;
      paged.push((after = unit));
    }
    expect(paged).toEqual(all);
  });

  test("events of a run count 1, 2, 3, … through every kind of write, and page by seq", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const run = await fixture.claimOne(await fixture.worker());
    await fixture.submit();
    await fixture.store.appendEvents(run, [{ type: "note", data: { n: 1 } }, { type: "note" }]);
    await fixture.store.settle([{ ...fenceOf(run), end: "finished", result: null, events: [{ type: "published" }] }]);
    const events = await fixture.store.listEvents(runId, 0, 100);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(events[2]).toEqual({ runId, seq: 3, type: "note", data: { n: 1 }, atMs: fixture.clock.now() });
    expect(events[3]).toEqual({ runId, seq: 4, type: "note", atMs: fixture.clock.now() });
    expect((await fixture.store.listEvents(runId, 2, 2)).map(({ seq }) => seq)).toEqual([3, 4]);
  });

  test("a run records a dataset once, versions count per dataset, and each is found again", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    await fixture.submit();
    await fixture.submit();
    const [first, second] = [await fixture.claimOne(workerId), await fixture.claimOne(workerId)];
    const one = await fixture.store.recordDataset(first, datasetOf(first.runId));
    expect(one).toEqual({ ...datasetOf(first.runId), version: 1, createdAtMs: fixture.clock.now() });
    expect(await fixture.store.recordDataset(first, { ...datasetOf(first.runId), rowCount: 99 })).toEqual(one);
    const quarantineOf = { job: "load", output: { dataset: "airports" }, checks: [{ notNull: ["iata"] }] };
    const other = await fixture.store.recordDataset(first, { ...datasetOf(first.runId, "airports"), quarantineOf });
    const two = await fixture.store.recordDataset(second, datasetOf(second.runId));
    expect([other.version, two.version]).toEqual([1, 2]);
    expect(other.quarantineOf).toEqual(quarantineOf);
    expect(await fixture.store.findDataset("flights")).toEqual(two);
    expect(await fixture.store.findDataset("flights", 1)).toEqual(one);
    expect(await fixture.store.findDataset("flights", 3)).toBeUndefined();
    expect(await fixture.store.findDataset("trains")).toBeUndefined();
    expect(await fixture.store.listDatasets()).toEqual([other, two]);
    expect(await fixture.store.findRunPublications("flights", first.runId)).toEqual({ own: one, newest: two });
    expect(await fixture.store.findRunPublications("airports", second.runId)).toEqual({ newest: other });
    expect(await fixture.store.findRunPublications("trains", first.runId)).toEqual({});
    expect(await fixture.store.listDatasetVersions("flights", undefined, 10)).toEqual([two, one]);
    expect(await fixture.store.listDatasetVersions("flights", 2, 10)).toEqual([one]);
  });

  test("a run records a quarantine once for each state of its table", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.submit();
    const run = await fixture.claimOne(await fixture.worker());
    const quarantineOf = { job: "load", output: { dataset: "flights" }, checks: [] };
    const at = (version: number): NewDatasetVersion => ({
      ...datasetOf(run.runId, "flights_quarantine"),
      locations: [{ format: "delta", path: "/lake/flights_quarantine", version }],
      quarantineOf,
    });
    const first = await fixture.store.recordDataset(run, at(0));
    expect(await fixture.store.recordDataset(run, at(0))).toEqual(first);
    const second = await fixture.store.recordDataset(run, at(1));
    expect(second).toMatchObject({ version: 2, locations: [{ version: 1 }] });
    const { own } = await fixture.store.findRunPublications("flights_quarantine", run.runId);
    expect(own).toEqual(second);
  });

  test("the newest run of a dataset is the last that was submitted, also when an older one recorded after it", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    await fixture.submit();
    await fixture.submit();
    const [older, newer] = [await fixture.claimOne(workerId), await fixture.claimOne(workerId)];
    const byNewer = await fixture.store.recordDataset(newer, datasetOf(newer.runId));
    const byOlder = await fixture.store.recordDataset(older, datasetOf(older.runId));
    expect([byNewer.version, byOlder.version]).toEqual([1, 2]);
    expect(await fixture.store.findRunPublications("flights", older.runId)).toEqual({ own: byOlder, newest: byNewer });
  });

  test("steps of many runs are remembered together, without those of lost runs; the first result of a name stays", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    await fixture.submit();
    await fixture.submit();
    const [held, lost] = await fixture.store.claim({ workerId, limit: 2 });
    if (held === undefined || lost === undefined) throw new Error("expected two runs");
    const step = { name: "token", value: { id: 1 } };
    const zombie = { ...fenceOf(lost), epoch: lost.epoch - 1 };
    const steps = [
      { ...fenceOf(held), ...step },
      { ...zombie, ...step },
      { ...fenceOf(held), ...step, value: null },
    ];
    expect(await fixture.store.saveSteps(steps)).toEqual([lost.runId]);
    expect(await fixture.store.loadStep(held.runId, "token")).toEqual({ value: { id: 1 } });
    expect(await fixture.store.loadStep(lost.runId, "token")).toBeUndefined();
  });

  test("log lines keep their order, and progress its newest report", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const atMs = fixture.clock.now();
    const line = (message: string) => ({ runId, atMs, level: "info" as const, message });
    await fixture.store.appendLogs([line("one"), { ...line("two"), fields: { rows: 2 } }]);
    await fixture.store.appendLogs([line("three")]);
    const logs = await fixture.store.listLogs(runId, 0, 10);
    expect(logs.map(({ seq, message }) => `${seq} ${message}`)).toEqual(["1 one", "2 two", "3 three"]);
    expect(logs[1]).toEqual({ ...line("two"), seq: 2, fields: { rows: 2 } });
    expect(await fixture.store.listLogs(runId, 2, 10)).toHaveLength(1);

    const progress = { runId, done: 5, total: 10, operation: "reading", atMs };
    await fixture.store.recordProgress([progress, { ...progress, done: 4, atMs: atMs - 1 }]);
    expect((await fixture.run(runId)).progress).toEqual(progress);
    const unknown = { runId, done: 7, total: undefined, operation: undefined, atMs: atMs + 1 };
    await fixture.store.recordProgress([unknown]);
    expect((await fixture.run(runId)).progress).toEqual(unknown);
  });

  test("runs are listed newest first in keyset pages, by job, state, parent and root", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    const old = await fixture.submit({ job: "a" });
    await fixture.fail(await fixture.claimOne(workerId));
    const done = await fixture.submit({ job: "b" });
    await fixture.finish(await fixture.claimOne(workerId));
    const members = ["a", "b"].map((job) => newRun({ job, parent: 0 }));
    const { runIds } = await fixture.store.submit({
      runs: [newRun({ job: "p", kind: "pipeline" }), ...members],
      edges: [],
    });
    const [p, a, b] = runIds;
    const held = await fixture.claimOne(workerId);
    const later = await fixture.submit({ job: "a", runAtMs: fixture.clock.now() + 1 });
    const ids = async (filter: object): Promise<RunId[]> =>
      (await fixture.store.listRuns({ limit: 10, ...filter })).map(({ id }) => id);

    expect(await ids({})).toEqual([later, b, a, p, done, old]);
    expect(await ids({ limit: 2 })).toEqual([later, b]);
    expect(await ids({ limit: 2, before: b })).toEqual([a, p]);
    expect(await ids({ job: "a" })).toEqual([later, a, old]);
    expect(await ids({ job: "a", before: later, limit: 1 })).toEqual([a]);
    expect(await ids({ rootsOnly: true })).toEqual([later, p, done, old]);
    expect(await ids({ parentRunId: p })).toEqual([b, a]);
    expect(await ids({ parentRunId: p, state: "RUNNING" })).toEqual([held.runId]);
    expect(await ids({ state: "ERROR" })).toEqual([old]);
    expect(await ids({ state: "FINISHED" })).toEqual([done]);
    expect(await ids({ state: "FINISHED", before: done })).toEqual([]);
    expect(await ids({ state: "RUNNING" })).toEqual([a, p]);
    expect(await ids({ state: "RUNNING", rootsOnly: true })).toEqual([p]);
    expect(await ids({ state: "PENDING" })).toEqual([later, b]);
    expect(await ids({ state: "PENDING", job: "a" })).toEqual([later]);
    expect(await ids({ state: "PAUSED" })).toEqual([]);
    expect(await fixture.store.findRun((later + 1) as RunId)).toBeUndefined();
  });
}
