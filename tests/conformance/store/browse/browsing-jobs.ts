// Tests what screens read about jobs and pipelines: their last runs, unfinished runs, graphs and failures.
import { expect, test } from "vitest";
import { fingerprintError } from "../../../../src/core/errors/error-fingerprint.ts";
import type { ErrorRecord } from "../../../../src/core/errors/errors.ts";
import type { RunId } from "../../../../src/core/run-id.ts";
import {
  createStoreFixture,
  type CreateStore,
  fenceOf,
  newRun,
  someError,
  type StoreFixture,
} from "../store-fixture.ts";

export function describeBrowsingJobs(createStore: CreateStore): void {
  test("the last runs of each job come with state, times and what they counted", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const worker = await fixture.worker();
    const startMs = clock.now();
    for (let count = 0; count < 3; count += 1) await fixture.submit({ job: "a" });
    clock.advance(10);
    const [first, second] = await store.claim({ workerId: worker, limit: 2 });
    if (!first || !second) throw new Error("three runs were ready");
    clock.advance(5);
    await store.settle([{ ...fenceOf(first), end: "finished", result: { records: 7, rows: "12" } }]);
    const other = await fixture.submit({ job: "b" });
    const brief = (await store.listRecentRuns(["b", "a", "nowhere", "a"], 2)).map((run) => ({ ...run }));
    const at = { createdAtMs: startMs, startedAtMs: undefined, finishedAtMs: undefined, records: undefined };
    expect(brief).toEqual([
      { runId: 3, job: "a", state: "PENDING", ...at },
      { runId: 2, job: "a", state: "RUNNING", ...at, startedAtMs: startMs + 10 },
      { runId: other, job: "b", state: "PENDING", ...at, createdAtMs: startMs + 15 },
    ]);
    expect((await store.listRecentRuns(["a"], 3)).at(-1)).toEqual({
      runId: first.runId,
      job: "a",
      state: "FINISHED",
      createdAtMs: startMs,
      startedAtMs: startMs + 10,
      finishedAtMs: startMs + 15,
      records: 12,
    });
    expect(await store.listRecentRuns([], 3)).toEqual([]);
    expect(await store.listRecentRuns(["a"], 0)).toEqual([]);
  });

  test("unfinished runs are counted by job and state, as their summaries say", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const worker = await fixture.worker();
    const pipeline = [newRun({ job: "p", kind: "pipeline" }), newRun({ job: "a", parent: 0 }), newRun({ parent: 0 })];
    const edges = [{ parent: 1, child: 2, onUpstreamFailure: "cancel" } as const];
    for (let count = 0; count < 3; count += 1) await store.submit({ runs: pipeline, edges });
    for (let count = 0; count < 4; count += 1) await fixture.submit({ job: "c", tenant: `t${count}` });
    await fixture.submit({ job: "c", runAtMs: clock.now() + 1_000 });
    await store.claim({ workerId: worker, limit: 1, jobs: new Set(["a"]) });
    await store.claim({ workerId: worker, limit: 1, jobs: new Set(["c"]) });
    await store.control({ action: "pause", target: { runId: 7 as RunId }, by: "test" });
    await store.control({ action: "pause", target: { runId: 13 as RunId }, by: "test" });
    const expected = new Map<string, number>();
    for (const { job, state } of await store.listRuns({ limit: 100 })) {
      expected.set(`${job} ${state}`, (expected.get(`${job} ${state}`) ?? 0) + 1);
    }
    const counts = (await store.countUnfinished(100)).map(({ job, state, count }) => [`${job} ${state}`, count]);
    expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(expected));
    expect(expected.size).toBeGreaterThan(6);
    expect((await store.countUnfinished(1)).every(({ count }) => count === 1)).toBe(true);
  });

  test("a graph has the runs inside a run with their attempts and the edges between them", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const runs = [
      newRun({ job: "p", kind: "pipeline" }),
      newRun({ job: "a", parent: 0 }),
      newRun({ job: "b", parent: 0 }),
      newRun({ job: "c", parent: 0 }),
    ];
    const edge = (parent: number, child: number) => ({ parent, child, onUpstreamFailure: "cancel" }) as const;
    const [p, a, b, c] = (await store.submit({ runs, edges: [edge(1, 2), edge(1, 3), edge(2, 3)] })).runIds;
    if (!p || !a || !b || !c) throw new Error("four runs were submitted");
    const worker = await fixture.worker();
    const startMs = clock.now();
    await store.settle([{ ...fenceOf(await fixture.claimOne(worker)), end: "retry", delayMs: 0, error: someError }]);
    clock.advance(10);
    await store.promote(10);
    await fixture.finish(await fixture.claimOne(worker));
    clock.advance(10);
    await fixture.claimOne(worker);
    const graph = await store.readRunGraph(p, 10);
    expect(graph.runs.map(({ id, job, state, spans }) => ({ id, job, state, spans }))).toEqual([
      {
        id: a,
        job: "a",
        state: "FINISHED",
        spans: [
          { startedAtMs: startMs, endedAtMs: startMs, end: "retry" },
          { startedAtMs: startMs + 10, endedAtMs: startMs + 10, end: "finished" },
        ],
      },
      {
        id: b,
        job: "b",
        state: "RUNNING",
        spans: [{ startedAtMs: startMs + 20, endedAtMs: undefined, end: undefined }],
      },
      { id: c, job: "c", state: "PENDING", spans: [] },
    ]);
    expect(graph.edges).toEqual([
      { from: a, to: b },
      { from: a, to: c },
      { from: b, to: c },
    ]);
    expect(graph.truncated).toBe(false);
    expect(await store.readRunGraph(p, 2)).toMatchObject({ runs: [{ id: a }, { id: b }], truncated: true });
    expect(await store.readRunGraph(b, 10)).toMatchObject({ runs: [{ id: b, rootRunId: p }], edges: [] });
    expect(await store.readRunGraph(4711 as RunId, 10)).toEqual({ runs: [], edges: [], truncated: false });
  });

  test("failures are clustered by job and shape of the error, without what was rerun since", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const startMs = clock.now();
    const broke = (row: number): ErrorRecord => ({ ...someError, message: `row ${row} broke`, hint: "look at it" });
    const a1 = await fail(fixture, "a", broke(1));
    const a2 = await fail(fixture, "a", broke(22));
    const b1 = await fail(fixture, "b", broke(3));
    const a3 = await fail(fixture, "a", { ...someError, message: "Host is away" });
    const since = { sinceMs: startMs, limit: 10 };
    const clusters = await store.listFailureClusters(since);
    expect(clusters.map(({ job, count, runIds, message }) => ({ job, count, runIds, message }))).toEqual([
      { job: "a", count: 1, runIds: [a3], message: "Host is away" },
      { job: "b", count: 1, runIds: [b1], message: "row 3 broke" },
      { job: "a", count: 2, runIds: [a2, a1], message: "row 22 broke" },
    ]);
    expect(clusters.at(-1)).toMatchObject({
      fingerprint: fingerprintError(broke(4711)),
      code: "JOB_FAILED",
      hint: "look at it",
      firstAtMs: startMs,
      lastAtMs: startMs + 10,
    });
    const ids = async (filter: object): Promise<readonly (readonly RunId[])[]> =>
      (await store.listFailureClusters({ ...since, ...filter })).map(({ runIds }) => runIds);
    expect(await ids({ job: "a" })).toEqual([[a3], [a2, a1]]);
    expect(await ids({ job: "nowhere" })).toEqual([]);
    expect(await ids({ text: "HOST" })).toEqual([[a3]]);
    expect(await ids({ limit: 1 })).toEqual([[a3]]);
    expect(await ids({ sinceMs: startMs + 11, job: "b" })).toEqual([[b1]]);
    await store.control({ action: "rerun", target: { runId: a2 }, by: "test" });
    expect(await ids({})).toEqual([[a3], [b1], [a1]]);
    expect((await store.searchRuns({ fingerprint: fingerprintError(broke(9)), limit: 9 })).runs).toHaveLength(2);
  });

  test("members of pipelines show through their pipeline, and runs that a person stopped not at all", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const runs = [newRun({ job: "p", kind: "pipeline" }), newRun({ job: "m", parent: 0 })];
    await store.submit({ runs, edges: [] });
    const worker = await fixture.worker();
    await fixture.fail(await fixture.claimOne(worker));
    await fixture.fail(await fixture.claimOne(worker));
    const stopped = await fixture.submit({ job: "s" });
    await store.control({ action: "stop", target: { runId: stopped }, by: "ada" });
    const clusters = await store.listFailureClusters({ sinceMs: 0, limit: 10 });
    expect(clusters.map(({ job, code }) => `${job} ${code}`)).toEqual(["p JOB_FAILED"]);
  });
}

async function fail(fixture: StoreFixture, job: string, error: ErrorRecord): Promise<RunId> {
  const runId = await fixture.submit({ job });
  const run = await fixture.claimOne(await fixture.worker());
  await fixture.store.settle([{ ...fenceOf(run), end: "failed", reason: "failed", error }]);
  fixture.clock.advance(10);
  return runId;
}
