// The contract of what screens ask of jobs that collect: one answer for many jobs, cut at a limit and never silently.
import { expect, test } from "vitest";
import type { ClaimedRun } from "../../../../src/store/rows/run-records.ts";
import { createStoreFixture, type CreateStore, type StoreFixture } from "../store-fixture.ts";

const loop = "source";
const failed = (key: string) => ({ loop, key, state: "failed", error: `${key} broke` }) as const;

export function describeCollecting(createStore: CreateStore): void {
  test("jobs that read in units are those with a watermark, or whose newest run tried to", async () => {
    await using fixture = await createStoreFixture(createStore);
    const marked = await leased(fixture, "marked");
    await fixture.store.advanceWatermarks(marked, [{ name: "unit a", value: 1, seenVersion: 0 }]);
    const tried = await leased(fixture, "tried");
    await fixture.store.saveUnits(tried, [failed("a")]);
    await leased(fixture, "plain");
    const names = ["tried", "plain", "nobody", "marked"];
    expect(await fixture.store.listUnitJobs(names)).toEqual(["tried", "marked"]);
    expect(await fixture.store.listUnitJobs([])).toEqual([]);
  });

  test("watermarks and failures of many jobs come in their order, and what the limit cuts is named", async () => {
    await using fixture = await createStoreFixture(createStore);
    for (const job of ["a_b", "ab", "b"]) {
      const run = await leased(fixture, job);
      const moves = ["unit x", "unit y"].map((name) => ({ name, value: 1, seenVersion: 0 }));
      await fixture.store.advanceWatermarks(run, moves);
      await fixture.store.saveUnits(run, [failed("x"), { loop, key: "y", state: "done" }]);
      await fixture.finish(run);
    }
    const jobs = ["b", "a_b", "ab"];
    const all = await fixture.store.readCollection({ jobs, loop, limit: 7 });
    expect(all.watermarks.map(({ job, name }) => [job, name])).toEqual([
      ["b", "unit x"],
      ["b", "unit y"],
      ["a_b", "unit x"],
      ["a_b", "unit y"],
      ["ab", "unit x"],
      ["ab", "unit y"],
    ]);
    expect(all.failures.map(({ job, key, error }) => [job, key, error])).toEqual(
      jobs.map((job) => [job, "x", "x broke"]),
    );
    expect(all.uncounted).toEqual([]);
    const cut = await fixture.store.readCollection({ jobs, loop, limit: 3 });
    expect(cut.watermarks).toHaveLength(3);
    expect(cut.uncounted).toEqual(["a_b", "ab"]);
    expect(await fixture.store.readCollection({ jobs: [], loop, limit: 3 })).toEqual({
      watermarks: [],
      failures: [],
      uncounted: [],
    });
  });

  test("runs that published kept answers are told apart, whatever else they wrote", async () => {
    await using fixture = await createStoreFixture(createStore);
    const since = "2026-01-01T00:00:00.000Z";
    const [old, broken, fine] = [await leased(fixture, "a"), await leased(fixture, "b"), await leased(fixture, "c")];
    await fixture.store.appendEvents(old, [{ type: "kept_answers_used", data: { dataset: "rows", since } }]);
    await fixture.store.appendEvents(broken, [{ type: "kept_answers_used", data: { since: "long ago" } }]);
    await fixture.store.appendEvents(fine, [{ type: "warning", data: { message: "kept_answers_used" } }]);
    const runs = [old, broken, fine].map(({ runId }) => runId);
    expect(await fixture.store.listKeptAnswers(runs)).toEqual([{ runId: old.runId, sinceMs: Date.parse(since) }]);
    expect(await fixture.store.listKeptAnswers([])).toEqual([]);
  });
}

async function leased(fixture: StoreFixture, job: string): Promise<ClaimedRun> {
  await fixture.submit({ job });
  return await fixture.claimOne(await fixture.worker());
}
