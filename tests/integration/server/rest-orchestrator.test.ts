// The orchestrator's switch, and what screens show of many runs: grid, metrics, failures, timeline, search. Over a real store and
// a real worker.
import { describe, expect, it } from "vitest";
import { defineJob } from "../../../src/core/job/job.ts";
import { formatRunId } from "../../../src/core/run-id.ts";
import { createRestFixture } from "../../support/server/rest-fixture.ts";
import { after, broken, chain, hello, holds } from "../../support/server/rest-jobs.ts";

const members = [hello, broken, after];

describe("the orchestrator", () => {
  it("is stopped and started, by whom and why", async () => {
    await using fixture = await createRestFixture([hello]);
    const stopped = await fixture.call("stopOrchestrator", { body: { reason: "upgrade" } });
    expect(stopped).toEqual({ claiming: false, stopped: 0 });
    const shown = await fixture.call("showOrchestrator");
    expect(shown).toMatchObject({
      claiming: false,
      changed_by: "ada",
      reason: "upgrade",
      store: "sqlite",
      workers: [],
    });
    expect(shown.problems).toContain("the orchestrator is stopped: workers take no new runs");
    expect(await fixture.call("startOrchestrator")).toEqual({ claiming: true, stopped: 0 });
    expect((await fixture.call("showOrchestrator")).reason).toBeNull();
  });

  it("shows its workers and what they do", async () => {
    await using fixture = await createRestFixture([holds]);
    await fixture.startWorker([holds]);
    const runId = await fixture.submit(holds);
    await fixture.waitForEvent(runId, "started");
    const shown = await fixture.call("showOrchestrator");
    expect(shown.workers).toMatchObject([{ alive: true }]);
    expect(shown.health).toMatchObject({ executing: 1, ready: 0, dead_leases: 0 });
    expect(shown.problems).toEqual([]);
  });

  it("is stopped in an emergency with all that executes", async () => {
    await using fixture = await createRestFixture([holds]);
    await fixture.startWorker([holds]);
    const runId = await fixture.submit(holds);
    await fixture.waitForEvent(runId, "started");
    const result = await fixture.call("emergencyStop", { body: { reason: "smoke" } });
    expect(result).toEqual({ claiming: false, stopped: 1 });
    expect(await fixture.waitFor(runId)).toMatchObject({ state: "ERROR", reason: "force_stopped" });
  });

  it("refuses bodies that say more", async () => {
    await using fixture = await createRestFixture();
    expect((await fixture.refusal("emergencyStop", { body: { everywhere: true } })).code).toBe("REQUEST_INVALID");
  });
});

describe("the grid", () => {
  it("has a column for each past run and a row for each member", async () => {
    await using fixture = await createRestFixture([chain]);
    await fixture.startWorker(members);
    const runIds = [await fixture.submit(chain), await fixture.submit(chain, { who: "b" })];
    for (const runId of runIds) await fixture.waitFor(runId);
    const grid = await fixture.call("showGrid", { params: { job_name: "chain" } });
    expect(grid.job_names).toEqual(["broken", "hello", "after"]);
    expect(grid.columns.map(({ run_id: id }) => id)).toEqual(runIds.toReversed().map(formatRunId));
    expect(grid.columns[0]?.cells.map((cell) => cell?.state)).toEqual(["ERROR", "FINISHED", "ERROR"]);
    expect(grid.columns[0]?.cells[2]?.reason).toBe("upstream_failed");
    const first = await fixture.call("showGrid", { params: { job_name: "chain" }, query: { limit: "1" } });
    const query = { limit: "1", cursor: first.next_cursor ?? "" };
    const second = await fixture.call("showGrid", { params: { job_name: "chain" }, query });
    expect(second.columns.map(({ run_id: id }) => id)).toEqual([formatRunId(runIds[0] ?? (0 as never))]);
  });

  it("of a job is its own one row", async () => {
    await using fixture = await createRestFixture([hello]);
    await fixture.startWorker([hello]);
    const runId = await fixture.submit(hello);
    await fixture.waitFor(runId);
    const grid = await fixture.call("showGrid", { params: { job_name: "hello" } });
    expect(grid).toMatchObject({ job_names: ["hello"], columns: [{ cells: [{ run_id: formatRunId(runId) }] }] });
  });
});

describe("metrics", () => {
  it("has series of equal length and a scatter of the runs", async () => {
    await using fixture = await createRestFixture([hello, broken]);
    await fixture.startWorker([hello, broken]);
    const runIds = [
      await fixture.submit(hello),
      await fixture.submit(hello, { who: "b" }),
      await fixture.submit(broken),
    ];
    for (const runId of runIds) await fixture.waitFor(runId);
    const metrics = await fixture.call("showMetrics");
    const { times, finished, failed, records, scatter } = metrics;
    expect(times.length).toBeLessThanOrEqual(240);
    for (const series of [finished, failed, records, metrics.duration_p50_ms, metrics.cpu_ms, metrics.queue_p95_ms]) {
      expect(series).toHaveLength(times.length);
    }
    const sum = (series: readonly number[]): number => series.reduce((total, value) => total + value, 0);
    expect([sum(finished), sum(failed), sum(records)]).toEqual([2, 1, 6]);
    expect(scatter.map(({ run_id: id }) => id).toSorted()).toEqual(runIds.map(formatRunId).toSorted());
    const own = await fixture.call("showMetrics", { query: { job: "broken" } });
    expect([sum(own.finished), sum(own.failed)]).toEqual([0, 1]);
    const nobody = await fixture.call("showMetrics", { query: { job: "'; drop table run" } });
    expect(sum(nobody.finished) + nobody.scatter.length).toBe(0);
  });

  it.each([
    [1, 60_000],
    [24, 900_000],
    [24 * 30, 21_600_000],
    [24 * 365, 2 * 86_400_000],
  ])("of %i hours has at most 240 buckets", async (hours, bucketMs) => {
    await using fixture = await createRestFixture();
    const until = Date.UTC(2026, 2, 1);
    const query = { since: new Date(until - hours * 3_600_000).toISOString(), until: new Date(until).toISOString() };
    const metrics = await fixture.call("showMetrics", { query });
    expect(metrics.times.length).toBeGreaterThan(24);
    expect(metrics.times.length).toBeLessThanOrEqual(240);
    expect(metrics.bucket_ms).toBe(bucketMs);
    expect(Date.parse(metrics.times[0] ?? "") % metrics.bucket_ms).toBe(0);
  });

  it.each([
    { since: "2026-02-01T00:00:00Z", until: "2026-01-01T00:00:00Z" },
    { since: "1999-01-01T00:00:00Z", until: "2026-01-01T00:00:00Z" },
    { since: "tomorrow" },
    { bucket: "1" },
  ])("refuses %j", async (query) => {
    await using fixture = await createRestFixture();
    expect((await fixture.refusal("showMetrics", { query })).code).toBe("REQUEST_INVALID");
  });
});

describe("failures", () => {
  it("come in clusters of the same error, until they are put right", async () => {
    let isMended = false;
    const flaky = defineJob({
      name: "flaky",
      retry: { maxRetries: 0 },
      execute(ctx) {
        if (!isMended) throw new Error(`row ${ctx.run.id} of "${"x"}" is bad`);
      },
    });
    await using fixture = await createRestFixture([flaky, broken]);
    await fixture.startWorker([flaky, broken]);
    const runIds = [await fixture.submit(flaky), await fixture.submit(flaky, { a: 1 }), await fixture.submit(broken)];
    for (const runId of runIds) await fixture.waitFor(runId);
    const { items } = await fixture.call("listFailures");
    expect(items.map(({ job_name: name, count }) => [name, count])).toEqual([
      ["broken", 1],
      ["flaky", 2],
    ]);
    expect(items[0]).toMatchObject({ code: "SOURCE_MISSING", hint: "put it there" });
    const { items: filtered } = await fixture.call("listFailures", { query: { job: "flaky", q: "BAD" } });
    const run = await fixture.call("showRun", { params: { run_id: filtered[0]?.run_ids[0] ?? "" } });
    expect(run.error?.fingerprint).toBe(filtered[0]?.fingerprint);
    isMended = true;
    for (const id of filtered[0]?.run_ids ?? []) await fixture.call("retryRun", { params: { run_id: id } });
    for (const runId of runIds) await fixture.waitFor(runId);
    expect((await fixture.call("listFailures")).items.map(({ job_name: name }) => name)).toEqual(["broken"]);
    expect((await fixture.call("listFailures", { query: { q: "<script>" } })).items).toEqual([]);
  });
});

describe("the timeline", () => {
  it("has runs as bars, and fires to come with how long they usually take", async () => {
    const hourly = defineJob({ name: "hourly", schedule: { every: "1h" }, execute: () => undefined });
    await using fixture = await createRestFixture([hourly]);
    await fixture.startWorker([hourly]);
    const runId = await fixture.submit(hourly);
    await fixture.waitFor(runId);
    const nextFireAtMs = Math.ceil(fixture.clock.now() / 3_600_000) * 3_600_000 + 3_600_000;
    const definition = JSON.parse(JSON.stringify(hourly.schedule)) as never;
    await fixture.store.saveSchedules([{ name: "hourly", definition, nextFireAtMs }]);
    const timeline = await fixture.call("showTimeline");
    expect(timeline.bars).toMatchObject([{ run_id: formatRunId(runId), job_name: "hourly", state: "FINISHED" }]);
    expect(timeline.fires.length).toBeGreaterThanOrEqual(10);
    expect(timeline.fires.length).toBeLessThanOrEqual(12);
    expect(timeline.fires[0]?.at).toBe(new Date(nextFireAtMs).toISOString());
    expect(timeline.fires[0]?.expected_ms).toBeGreaterThanOrEqual(0);
    expect(timeline.truncated).toBe(false);
    await fixture.store.pauseSchedule("hourly", true, "ada");
    expect((await fixture.call("showTimeline")).fires).toEqual([]);
  });

  it("of a late schedule begins now", async () => {
    const hourly = defineJob({ name: "hourly", schedule: { every: "1h" }, execute: () => undefined });
    await using fixture = await createRestFixture([hourly]);
    const definition = JSON.parse(JSON.stringify(hourly.schedule)) as never;
    await fixture.store.saveSchedules([{ name: "hourly", definition, nextFireAtMs: 1_000 }]);
    const timeline = await fixture.call("showTimeline");
    expect(timeline.fires[0]?.at).toBe(timeline.now);
    expect(timeline.fires.length).toBeLessThanOrEqual(13);
  });

  it("holds a bounded number of fires of schedules of every second", async () => {
    const often = Array.from({ length: 20 }, (_, index) =>
      defineJob({ name: `often_${index}`, schedule: { every: "1s" }, execute: () => undefined }),
    );
    await using fixture = await createRestFixture(often);
    const nextFireAtMs = fixture.clock.now() + 1_000;
    const saved = often.map((job) => ({
      name: job.name,
      definition: JSON.parse(JSON.stringify(job.schedule)) as never,
      nextFireAtMs,
    }));
    await fixture.store.saveSchedules(saved);
    const timeline = await fixture.call("showTimeline");
    expect(timeline.fires).toHaveLength(2_000);
    expect(timeline.truncated).toBe(true);
  });

  it("refuses more than a month", async () => {
    await using fixture = await createRestFixture();
    const query = { from: "2026-01-01T00:00:00Z", to: "2026-03-01T00:00:00Z" };
    expect((await fixture.refusal("showTimeline", { query })).code).toBe("REQUEST_INVALID");
  });
});

describe("search", () => {
  it("finds jobs, runs and datasets by a few letters", async () => {
    await using fixture = await createRestFixture([chain]);
    const runId = await fixture.submit(hello, { who: "grace" });
    const found = await fixture.call("search", { query: { q: "hel" } });
    expect(found.jobs).toEqual([{ job_name: "hello", kind: "job", description: "Greets somebody" }]);
    expect(found.runs.map(({ run_id: id }) => id)).toEqual([formatRunId(runId)]);
    expect((await fixture.call("search", { query: { q: "all of" } })).jobs).toMatchObject([{ job_name: "chain" }]);
    expect((await fixture.call("search", { query: { q: formatRunId(runId) } })).runs).toHaveLength(1);
    expect(await fixture.call("search", { query: { q: "  " } })).toEqual({ jobs: [], runs: [], datasets: [] });
    expect(await fixture.call("search", { query: { q: "<img src=x onerror=alert(1)>" } })).toEqual({
      jobs: [],
      runs: [],
      datasets: [],
    });
    expect((await fixture.refusal("search", { query: {} })).code).toBe("REQUEST_INVALID");
  });
});
