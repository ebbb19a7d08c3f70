// Business figures and lateness over a real store and a real worker.
import { describe, expect, it } from "vitest";
import { defineJob } from "../../../src/core/job/job.ts";
import { formatRunId } from "../../../src/core/run-id.ts";
import { ExpectationWatch } from "../../../src/orchestrator/expectations/expectation-watch.ts";
import type { Verdict } from "../../../src/store/expectations/expectation-store.ts";
import { createRestFixture, type RestFixture } from "../../support/server/rest-fixture.ts";

const load = defineJob({
  name: "load",
  sla: { finishWithin: "1h" },
  metrics: { orders: { min: 5, unit: "rows" }, revenue: { unit: "EUR" } },
  execute: (ctx) => {
    const { orders } = ctx.params as { orders: number };
    ctx.metric("orders", orders);
    for (const region of ["eu", "us"]) ctx.metric("share", orders / 10, { labels: { region } });
  },
});
const holds = defineJob({
  name: "holds",
  execute: async (ctx) => await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve)),
});

const job = { params: { job_name: "load" } };

describe("figures", () => {
  it("of a job come with their thresholds, also those that no run has recorded", async () => {
    await using fixture = await startWith([3, 8]);
    const { items } = await fixture.call("listJobMetrics", job);
    expect(items.map(({ name, unit, min, on_breach: on }) => [name, unit, min, on])).toEqual([
      ["orders", "rows", 5, "warn"],
      ["revenue", "EUR", null, null],
      ["share", null, null, null],
    ]);
    expect(items.map(({ newest }) => newest.map(({ value, labels }) => [value, labels["region"]]))).toEqual([
      [[8, undefined]],
      [],
      [
        [0.8, "eu"],
        [0.8, "us"],
      ],
    ]);
  });

  it("of a job nobody has heard of are refused", async () => {
    await using fixture = await createRestFixture([load]);
    const error = await fixture.refusal("listJobMetrics", { params: { job_name: "laod" } });
    expect(error).toMatchObject({ code: "JOB_UNKNOWN", message: expect.stringContaining("did you mean `load`?") });
    expect((await fixture.call("listJobMetrics", job)).items.map(({ newest }) => newest)).toEqual([[], []]);
  });

  it("are read page by page, newest run first, and a cursor of something else is refused", async () => {
    await using fixture = await startWith([3, 8, 6]);
    const request = (name: string, query: Record<string, string>) => ({
      params: { job_name: "load", metric: name },
      query,
    });
    const first = await fixture.call("listMetricHistory", request("orders", { limit: "2" }));
    expect(first.items.map(({ value, breach }) => [value, breach])).toEqual([
      [6, null],
      [8, null],
    ]);
    const cursor = first.next_cursor ?? "";
    const second = await fixture.call("listMetricHistory", request("orders", { limit: "2", cursor }));
    expect(second.items).toMatchObject([{ value: 3, breach: "warn", unit: "rows", attempt: 1 }]);
    expect(second.next_cursor).toBeNull();
    const shares = await fixture.call("listMetricHistory", request("share", { limit: "3" }));
    const rest = await fixture.call("listMetricHistory", request("share", { cursor: shares.next_cursor ?? "" }));
    expect(rest.items.map(({ value, labels }) => [value, labels["region"]])).toEqual([
      [0.8, "eu"],
      [0.3, "us"],
      [0.3, "eu"],
    ]);
    for (const wrong of ["r7", "[1,2]", "{}"])
      expect((await fixture.refusal("listMetricHistory", request("orders", { cursor: wrong }))).code).toBe(
        "REQUEST_INVALID",
      );
  });

  it("of a run are on its page, with what is outside as a warning", async () => {
    await using fixture = await startWith([3]);
    const [run] = await fixture.store.listRuns({ job: "load", limit: 1 });
    const detail = await fixture.call("showRun", { params: { run_id: formatRunId(run?.id ?? (0 as never)) } });
    expect(detail.metrics.map(({ name, value, breach }) => [name, value, breach])).toEqual([
      ["orders", 3, "warn"],
      ["share", 0.3, null],
      ["share", 0.3, null],
    ]);
    expect(detail.warnings).toEqual([{ job_name: "load", message: "metric `orders` is 3 rows, expected at least 5" }]);
  });
});

describe("lateness", () => {
  it("is shown with the job and its run, and its turns are listed", async () => {
    await using fixture = await createRestFixture([load, holds]);
    await late(fixture);
    const [run] = await fixture.store.listRuns({ job: "load", limit: 1 });
    const runId = formatRunId(run?.id ?? (0 as never));
    expect((await fixture.call("showJob", job)).late).toMatchObject({ run_id: runId });
    expect((await fixture.call("showJob", job)).sla).toBe("finished within 1h");
    expect((await fixture.call("listJobs")).items.map(({ late: found }) => found !== null)).toEqual([false, true]);
    expect((await fixture.call("listRuns")).items.map(({ late_since: since }) => since !== null)).toEqual([true]);
    expect((await fixture.call("explainJob", job)).details[0]).toMatch(/^it is late since .*to be finished within 1h/);
    const { items, next_cursor: cursor } = await fixture.call("listTurns", { query: { job: "load" } });
    expect(items).toMatchObject([{ turn: "late", run_id: runId }]);
    expect(cursor).toBeNull();
  });

  it("is asked for of a job or of a dataset", async () => {
    await using fixture = await createRestFixture([load]);
    for (const query of [{}, { job: "load", dataset: "orders" }, { job: "load", cursor: "r1" }])
      expect((await fixture.refusal("listTurns", { query })).code).toBe("REQUEST_INVALID");
    expect((await fixture.call("listTurns", { query: { dataset: "orders" } })).items).toEqual([]);
  });

  it("of a rule that the project no longer has is not shown", async () => {
    await using fixture = await createRestFixture([holds]);
    await fixture.submit(load, { orders: 1 });
    await late(fixture);
    expect((await fixture.call("listJobs")).items.map(({ late: found }) => found)).toEqual([null]);
  });
});

async function startWith(orders: readonly number[]): Promise<RestFixture> {
  const fixture = await createRestFixture([load]);
  await fixture.startWorker([load]);
  for (const count of orders) await fixture.waitFor(await fixture.submit(load, { orders: count }));
  return fixture;
}

/** A run of `load` that has waited for longer than it may take. */
async function late(fixture: RestFixture): Promise<void> {
  const { store } = fixture;
  const runId = await fixture.submit(load, { orders: 1 });
  const { sla } = load;
  await new ExpectationWatch(store, {
    jobs: new Map(sla === undefined ? [] : [["load", sla]]),
    datasets: new Map(),
  }).look();
  const [record] = await store.findExpectations("job", ["load"]);
  if (record === undefined) throw new Error("the rule was not saved");
  const verdict: Verdict = {
    kind: "job",
    name: "load",
    seenDueAtMs: record.dueAtMs,
    state: "broken",
    expectedAtMs: record.expectedAtMs,
    dueAtMs: record.dueAtMs + 1,
    sinceMs: record.expectedAtMs,
    runId,
  };
  await store.applyVerdicts([verdict]);
}
