// The contract of business figures: the last value of each name and its labels in a run, bounded, fenced, and found by job.
import { expect, test } from "vitest";
import { maxMetrics, toMetric } from "../../../../src/core/metric/metric.ts";
import type { RunId } from "../../../../src/core/run-id.ts";
import type { RecordedMetric } from "../../../../src/store/record/metric-records.ts";
import { codeOf, createStoreFixture, type CreateStore, fenceOf, type StoreFixture } from "../store-fixture.ts";

export function describeFiguring(createStore: CreateStore): void {
  test("a run keeps the last value of each name and its labels, with the attempt that recorded it", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const run = await fixture.claimOne((await fixture.submit({ job: "load" }), await fixture.worker()));
    const eu = toMetric("orders", 1.5, { unit: "rows", labels: { region: "eu" } });
    await store.recordMetrics(fenceOf(run), 1, [eu, toMetric("orders", 7), toMetric("revenue", -1e300)]);
    await store.recordMetrics(fenceOf(run), 2, [{ ...toMetric("orders", 8), breach: "warn" }]);
    await store.recordMetrics(fenceOf(run), 2, []);
    const known = { runId: run.runId, job: "load", atMs: fixture.clock.now() };
    expect(await store.listRunMetrics(run.runId)).toEqual([
      { ...known, ...eu, attempt: 1 },
      { ...known, ...toMetric("orders", 8), breach: "warn", attempt: 2 },
      { ...known, ...toMetric("revenue", -1e300), attempt: 1 },
    ]);
    await store.recordMetrics(fenceOf(run), 3, [toMetric("orders", 9)]);
    expect((await store.listRunMetrics(run.runId))[1]).not.toHaveProperty("breach");
  });

  test("whoever lost the run records nothing", async () => {
    await using fixture = await createStoreFixture(createStore);
    const run = await fixture.claimOne((await fixture.submit(), await fixture.worker()));
    const stale = { ...fenceOf(run), epoch: run.epoch + 1 };
    expect(await codeOf(fixture.store.recordMetrics(stale, 1, [toMetric("orders", 1)]))).toBe("RUN_LOST");
    await fixture.finish(run);
    expect(await codeOf(fixture.store.recordMetrics(fenceOf(run), 1, [toMetric("orders", 1)]))).toBe("RUN_LOST");
    expect(await fixture.store.listRunMetrics(run.runId)).toEqual([]);
  });

  test("a run has so many figures over all its attempts, and one more is refused with all that came beside it", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const run = await fixture.claimOne((await fixture.submit(), await fixture.worker()));
    const many = Array.from({ length: maxMetrics }, (_, index) => toMetric(`m${index}`, index));
    await store.recordMetrics(fenceOf(run), 1, many);
    await store.recordMetrics(fenceOf(run), 2, [toMetric("m7", 70)]);
    const more = [toMetric("m8", 80), toMetric("another", 1)];
    expect(await codeOf(store.recordMetrics(fenceOf(run), 2, more))).toBe("VALUE_INVALID");
    const kept = await store.listRunMetrics(run.runId);
    expect(kept).toHaveLength(maxMetrics);
    expect(kept.filter(({ name }) => name === "m7" || name === "m8").map(({ value }) => value)).toEqual([70, 8]);
  });

  test("the history of a figure is read page by page, newest run first", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const labelled = (value: number): RecordedMetric[] =>
      ["eu", "us"].map((region) => toMetric("orders", value, { labels: { region } }));
    const runs: RunId[] = [];
    for (const value of [1, 2, 3]) runs.push(await recordRun(fixture, "load", labelled(value)));
    await recordRun(fixture, "other", labelled(9));
    const pages: [RunId, string | undefined][] = [];
    const list = { job: "load", name: "orders", limit: 2 };
    for (let page = await store.listMetricHistory(list); page.length > 0;) {
      pages.push(...page.map(({ runId, labels }): [RunId, string | undefined] => [runId, labels["region"]]));
      const last = page.at(-1);
      page = last === undefined ? [] : await store.listMetricHistory({ ...list, after: last });
    }
    expect(pages).toEqual(
      runs.toReversed().flatMap((runId) => [
        [runId, "us"],
        [runId, "eu"],
      ]),
    );
    expect(await store.listMetricHistory({ ...list, name: "unknown" })).toEqual([]);
  });

  test("the newest values are those of the newest run that has the figure", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const first = await recordRun(fixture, "load", [toMetric("orders", 1), toMetric("share", 2)]);
    const second = await recordRun(fixture, "load", [toMetric("orders", 3, { labels: { region: "eu" } })]);
    const third = await recordRun(fixture, "audit", [toMetric("share", 4)]);
    const short = async (job: string): Promise<unknown[]> =>
      (await store.listNewestMetrics(job)).map(({ runId, name, value }) => [runId, name, value]);
    expect(await short("load")).toEqual([
      [second, "orders", 3],
      [first, "share", 2],
    ]);
    expect(await short("none")).toEqual([]);
    const last = (await store.listLastMetrics(10)).map(({ runId, job, name, value }) => [runId, job, name, value]);
    expect(last).toEqual([
      [third, "audit", "share", 4],
      [first, "load", "orders", 1],
      [first, "load", "share", 2],
    ]);
    expect(await store.listLastMetrics(2)).toHaveLength(2);
  });

  test("figures go with their run", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await recordRun(fixture, "load", [toMetric("orders", 1)]);
    fixture.clock.advance(1_000);
    await fixture.store.removeHistory({ endedBeforeMs: fixture.clock.now(), limit: 10 });
    expect(await fixture.store.listRunMetrics(runId)).toEqual([]);
    expect(await fixture.store.listNewestMetrics("load")).toEqual([]);
    expect(await fixture.store.listLastMetrics(10)).toEqual([]);
  });
}

/** A run that records and finishes. */
async function recordRun(fixture: StoreFixture, job: string, metrics: readonly RecordedMetric[]): Promise<RunId> {
  const runId = await fixture.submit({ job });
  const run = await fixture.claimOne(await fixture.worker());
  await fixture.store.recordMetrics(fenceOf(run), 1, metrics);
  await fixture.finish(run);
  return runId;
}
