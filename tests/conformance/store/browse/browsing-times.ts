// Tests what screens read over time: bars, series, durations, grids, checks and units.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import type { AttemptMetrics, Json } from "../../../../src/store/rows/run-records.ts";
import {
  createStoreFixture,
  type CreateStore,
  fenceOf,
  newRun,
  someError,
  type StoreFixture,
} from "../store-fixture.ts";

export function describeBrowsingTimes(createStore: CreateStore): void {
  test("bars are the root runs that overlap the range, also those that began long before it", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const startMs = clock.now();
    const old = await fixture.submit({ job: "old" });
    const long = await fixture.submit({ job: "long" });
    const worker = await fixture.worker("w", 100_000_000);
    const [first, second] = await store.claim({ workerId: worker, limit: 2 });
    if (!first || !second) throw new Error("two runs were ready");
    clock.advance(1_000);
    await fixture.finish(first);
    clock.advance(60_000);
    const { runIds } = await store.submit({
      runs: [newRun({ job: "p", kind: "pipeline" }), newRun({ job: "member", parent: 0 })],
      edges: [],
    });
    const next = await fixture.submit({ job: "next", runAtMs: clock.now() + 5_000 });
    const bars = async (fromMs: number, toMs: number, limit = 10): Promise<readonly RunId[]> =>
      (await store.listBars({ fromMs, toMs, limit })).map(({ runId }) => runId);
    expect(await bars(startMs, clock.now() + 1)).toEqual([next, runIds[0], long, old]);
    expect(await bars(startMs, clock.now() + 1, 2)).toEqual([next, runIds[0]]);
    expect(await bars(startMs + 2_000, startMs + 3_000)).toEqual([long]);
    expect(await bars(startMs + 1_000, startMs + 3_000)).toEqual([long, old]);
    expect(await bars(startMs - 9_000, startMs)).toEqual([]);
    expect(await store.listBars({ fromMs: startMs, toMs: startMs + 1, limit: 10 })).toEqual([
      { runId: long, job: "long", state: "RUNNING", fromMs: startMs, toMs: undefined },
      { runId: old, job: "old", state: "FINISHED", fromMs: startMs, toMs: startMs + 1_000 },
    ]);
  });

  test("a series counts, sums and ranks what ended in each bucket", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const startMs = clock.now();
    await end(fixture, "a", {
      waitMs: 5,
      durationMs: 10,
      result: { rows: 3 },
      metrics: { cpuMs: 2, peakMemoryBytes: 7 },
    });
    await end(fixture, "a", {
      durationMs: 30,
      result: { records: 4 },
      metrics: { cpuMs: 1, networkBytesIn: 5, storeMs: 2 },
    });
    await end(fixture, "b", { durationMs: 20, metrics: { peakMemoryBytes: 9, networkBytesOut: 1 } });
    clock.advance(startMs + 1_000 - clock.now());
    await end(fixture, "a", { durationMs: 40 });
    await end(fixture, "a", { durationMs: 50, fails: true });
    await fixture.submit({ job: "a" });
    const request = { fromMs: startMs, toMs: startMs + 3_000, bucketMs: 1_000 };
    const { buckets, sampledOneIn } = await store.readSeries(request);
    expect(sampledOneIn).toBe(1);
    expect(buckets).toEqual([
      {
        atMs: startMs,
        finished: 3,
        failed: 0,
        records: 7,
        p50Ms: 20,
        p95Ms: 30,
        queueP95Ms: 5,
        cpuMs: 3,
        peakMemoryBytes: 9,
        networkBytes: 6,
        storeMs: 2,
      },
      { ...empty, atMs: startMs + 1_000, finished: 1, failed: 1, p50Ms: 40, p95Ms: 50, queueP95Ms: 0 },
      { ...empty, atMs: startMs + 2_000 },
    ]);
    const ofB = (await store.readSeries({ ...request, job: "b" })).buckets;
    expect(ofB.map(({ finished, failed, p50Ms }) => [finished, failed, p50Ms])).toEqual([
      [1, 0, 20],
      [0, 0, undefined],
      [0, 0, undefined],
    ]);
    const samples = await store.sampleDurations({ fromMs: startMs, toMs: startMs + 3_000, limit: 10 });
    expect(samples.map(({ job, state, durationMs }) => `${job} ${state} ${durationMs}`)).toEqual([
      "a FINISHED 10",
      "a FINISHED 30",
      "b FINISHED 20",
      "a FINISHED 40",
      "a ERROR 50",
    ]);
    expect((await store.readSeries({ ...request, bucketMs: 1 })).buckets).toHaveLength(231);
    expect((await store.readSeries({ ...request, toMs: startMs })).buckets).toEqual([]);
  });

  test("a series of many runs is of a sample that stands for all of them; failures are counted", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const startMs = clock.now();
    const worker = await fixture.worker();
    const count = 8_000;
    // Every eighth id is of the same job, as it is with pipelines.
    const runs = Array.from({ length: count }, (_, position) => newRun({ job: position % 8 === 0 ? "a" : "b" }));
    await store.submit({ runs, edges: [] });
    const claimed = await store.claim({ workerId: worker, limit: count });
    clock.advance(10);
    const failure = { end: "failed", reason: "failed", error: someError } as const;
    await store.settle(
      claimed.map((run, place) => ({
        ...fenceOf(run),
        ...(place < 100 ? failure : { end: "finished" as const, result: { rows: 1 } }),
      })),
    );
    const request = { fromMs: startMs, toMs: startMs + 100, bucketMs: 100 };
    const { buckets, sampledOneIn } = await store.readSeries(request);
    expect(sampledOneIn).toBeGreaterThan(1);
    expect(buckets[0]?.failed).toBe(100);
    expect(buckets[0]?.finished).toBeGreaterThan(7_900 * 0.95);
    expect(buckets[0]?.finished).toBeLessThan(7_900 * 1.05);
    expect(buckets[0]?.records).toBe(buckets[0]?.finished);
    const ofA = await store.readSeries({ ...request, job: "a" });
    expect(ofA).toMatchObject({ sampledOneIn: 1, buckets: [{ finished: 1_000 - 13, failed: 13 }] });
    const samples = await store.sampleDurations({ fromMs: startMs, toMs: startMs + 100, limit: 200 });
    expect(samples.length).toBeLessThanOrEqual(200);
    expect(samples.filter(({ job }) => job === "a").length).toBeGreaterThan(5);
    const share = (await store.sampleDurations({ ...request, job: "b", limit: 100 })).length;
    expect(share).toBeGreaterThan(60);
  });

  test("a grid has past runs of a pipeline with the states of their members, page by page", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const pipeline = [
      newRun({ job: "p", kind: "pipeline" }),
      newRun({ job: "a", parent: 0 }),
      newRun({ job: "b", parent: 0 }),
    ];
    const edges = [{ parent: 1, child: 2, onUpstreamFailure: "cancel" } as const];
    for (let count = 0; count < 3; count += 1) await store.submit({ runs: pipeline, edges });
    const worker = await fixture.worker();
    await fixture.fail(await fixture.claimOne(worker));
    await fixture.finish(await fixture.claimOne(worker));
    const first = await store.listGrid("p", undefined, 2);
    expect(first.rows.map(({ run }) => run.runId)).toEqual([7, 4]);
    expect(first.nextBefore).toBe(4);
    const second = await store.listGrid("p", first.nextBefore, 2);
    expect(second.nextBefore).toBeUndefined();
    const cells = [...first.rows, ...second.rows].map(({ members }) =>
      members.map(({ job, state, reason }) => `${job} ${state} ${reason ?? ""}`.trim()),
    );
    expect(cells).toEqual([
      ["a PENDING", "b PENDING waiting_upstream"],
      ["a FINISHED", "b PENDING"],
      ["a ERROR failed", "b ERROR upstream_failed"],
    ]);
    // A job that only runs inside pipelines has a past as well.
    const alone = await store.listGrid("a", undefined, 2);
    expect(alone.rows.map(({ run, members }) => [run.runId, run.state, members.length])).toEqual([
      [8, "PENDING", 0],
      [5, "FINISHED", 0],
    ]);
    expect((await store.listGrid("a", alone.nextBefore, 2)).rows.map(({ run }) => run.state)).toEqual(["ERROR"]);
    expect(await store.listGrid("nowhere", undefined, 2)).toEqual({ rows: [], nextBefore: undefined });
  });

  test("pages of wide pipelines are shorter and lead to the end", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const members = Array.from({ length: 1_200 }, (_, place) => newRun({ job: `m${place}`, parent: 0 }));
    for (let count = 0; count < 4; count += 1) {
      await store.submit({ runs: [newRun({ job: "p", kind: "pipeline" }), ...members], edges: [] });
    }
    const seen: number[] = [];
    let before: RunId | undefined;
    do {
      const page = await store.listGrid("p", before, 10);
      expect(page.rows.every((row) => row.members.length === 1_200)).toBe(true);
      seen.push(page.rows.length);
      before = page.nextBefore;
    } while (before !== undefined);
    expect(seen).toEqual([2, 2]);
  });

  test("checks of the newest runs come with their last verdicts and what was set aside", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const worker = await fixture.worker();
    const result = (passed: boolean): Json => ({ name: "key", severity: "block", passed, failingRows: 0, detail: "" });
    const evaluated = (dataset: string, passed: boolean) => ({
      type: "checks_evaluated",
      data: { dataset, results: [result(passed)] },
    });
    await fixture.submit({ job: "a" });
    const first = await fixture.claimOne(worker);
    await store.appendEvents(first, [
      evaluated("d", false),
      { type: "note" },
      evaluated("d", true),
      evaluated("e", true),
    ]);
    clock.advance(10);
    await fixture.submit({ job: "a" });
    const second = await fixture.claimOne(worker);
    const aside = { type: "quarantined", data: { dataset: "d", rows: 3 } };
    await store.appendEvents(second, [evaluated("d", true), aside, { type: "checks_evaluated", data: "odd" }]);
    const list = async (filter: object): Promise<readonly string[]> =>
      (await store.listCheckResults({ jobs: ["a"], sinceMs: 0, limit: 10, ...filter })).map(
        ({ runId, dataset, results, setAside }) =>
          `${runId} ${dataset} ${results.map(({ passed }) => passed).join()} ${setAside.length}`,
      );
    expect(await list({})).toEqual(["2 d true 1", "1 d true 0", "1 e true 0"]);
    expect(await list({ sinceMs: clock.now() })).toEqual(["2 d true 1"]);
    expect(await list({ limit: 1 })).toEqual(["2 d true 1"]);
    expect(await list({ jobs: ["b"] })).toEqual([]);
    expect(await list({ jobs: [] })).toEqual([]);
  });

  test("units come by their keys, all or of one outcome, page by page", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const runId = await fixture.submit();
    const run = await fixture.claimOne(await fixture.worker());
    await store.saveUnits(run, [
      { key: "b", state: "failed", error: "it broke" },
      { key: "a", state: "done" },
      { key: "c", state: "done" },
      { key: "d", state: "failed" },
    ]);
    const keys = async (filter: object): Promise<string> =>
      (await store.listUnits({ runId, limit: 10, ...filter })).map(({ key }) => key).join("");
    expect(await keys({})).toBe("abcd");
    expect(await keys({ limit: 2 })).toBe("ab");
    expect(await keys({ limit: 2, after: { key: "b" } })).toBe("cd");
    expect(await keys({ state: "failed" })).toBe("bd");
    expect(await keys({ state: "done", after: { key: "a" } })).toBe("c");
    expect(await store.listUnits({ runId, state: "failed", limit: 1 })).toEqual([
      { key: "b", state: "failed", error: "it broke" },
    ]);
  });
}

const empty = {
  finished: 0,
  failed: 0,
  records: 0,
  p50Ms: undefined,
  p95Ms: undefined,
  queueP95Ms: undefined,
  cpuMs: 0,
  peakMemoryBytes: undefined,
  networkBytes: 0,
  storeMs: 0,
};

interface Ending {
  readonly waitMs?: number;
  readonly durationMs: number;
  readonly result?: Json;
  readonly metrics?: AttemptMetrics;
  readonly fails?: boolean;
}

async function end(fixture: StoreFixture, job: string, ending: Ending): Promise<void> {
  const { waitMs = 0, durationMs, result = null, metrics = {}, fails = false } = ending;
  await fixture.submit({ job });
  fixture.clock.advance(waitMs);
  const run = await fixture.claimOne(await fixture.worker());
  fixture.clock.advance(durationMs);
  const outcome = fails
    ? ({ end: "failed", reason: "failed", error: someError } as const)
    : ({ end: "finished", result } as const);
  await fixture.store.settle([{ ...fenceOf(run), ...outcome, metrics }]);
}
