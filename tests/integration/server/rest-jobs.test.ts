// The home screen, a job's page, and what people ask of jobs, over a real store and a real worker.
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineJob } from "../../../src/core/job/job.ts";
import { formatRunId } from "../../../src/core/run-id.ts";
import type { ScheduleTick } from "../../../src/store/schedules/schedule-store.ts";
import { createRestFixture } from "../../support/server/rest-fixture.ts";
import { after, broken, chain, hello, holds } from "../../support/server/rest-jobs.ts";

const nightly = defineJob({
  name: "nightly",
  schedule: { cron: "0 3 * * *", timezone: "Europe/Berlin", window: true },
  execute: () => undefined,
});

const job = (name: string): { params: { job_name: string } } => ({ params: { job_name: name } });

describe("the home screen", () => {
  it("has each job with its last outcomes, durations, data and what is going on", async () => {
    await using fixture = await createRestFixture([chain, holds, nightly]);
    await fixture.startWorker([hello, broken, after, holds], { slots: 4 });
    const [first, second] = [await fixture.submit(hello), await fixture.submit(hello, { who: "b" })];
    const failed = await fixture.submit(broken);
    for (const runId of [first, second, failed]) await fixture.waitFor(runId);
    const holding = await fixture.submit(holds);
    await fixture.waitForEvent(holding, "started");
    const { items, next_cursor: cursor } = await fixture.call("listJobs", { query: { limit: "500" } });
    expect(cursor).toBeNull();
    expect(items.map(({ job_name: name }) => name)).toEqual(["after", "broken", "chain", "hello", "holds", "nightly"]);
    const of = (name: string) => items.find((item) => item.job_name === name);
    expect(of("hello")).toMatchObject({
      kind: "job",
      description: "Greets somebody",
      pipelines: ["chain"],
      state: "FINISHED",
      running: 0,
      rows: 3,
      last_run_id: formatRunId(second),
      outcomes: [{ run_id: formatRunId(first), state: "FINISHED" }, { run_id: formatRunId(second) }],
      schedule: null,
      current: null,
    });
    expect(of("hello")?.p50_ms).toBeGreaterThanOrEqual(0);
    expect(of("hello")?.fresh_at).not.toBeNull();
    expect(of("broken")).toMatchObject({ state: "ERROR", fresh_at: null, p50_ms: null, deviation: null });
    expect(of("holds")).toMatchObject({ state: "RUNNING", running: 1, current: { run_id: formatRunId(holding) } });
    expect(of("nightly")).toMatchObject({
      state: "NOT_STARTED",
      outcomes: [],
      schedule: { timing: "0 3 * * * Europe/Berlin", paused: false },
    });
  });

  it("has what the files say about each job where that is asked for", async () => {
    await using fixture = await createRestFixture([nightly]);
    const [plain] = (await fixture.call("listJobs")).items;
    expect(plain).not.toHaveProperty("definition");
    const [detailed] = (await fixture.call("listJobs", { query: { definition: "true" } })).items;
    expect(detailed?.definition).toMatchObject({ layer: null, inputs: [], outputs: [], members: [], timeout_ms: null });
  });

  it("is filtered and paged by the server", async () => {
    await using fixture = await createRestFixture([chain, holds, nightly]);
    await fixture.startWorker([hello]);
    await fixture.waitFor(await fixture.submit(hello));
    const find = async (query: Record<string, string>): Promise<string[]> =>
      (await fixture.call("listJobs", { query })).items.map(({ job_name: name }) => name);
    expect(await find({ q: "GREETS" })).toEqual(["hello"]);
    expect(await find({ state: "FINISHED" })).toEqual(["hello"]);
    expect(await find({ state: "NOT_STARTED", members: "false" })).toEqual(["chain", "holds", "nightly"]);
    expect(await find({ limit: "2" })).toEqual(["after", "broken"]);
    expect(await find({ limit: "2", cursor: "broken" })).toEqual(["chain", "hello"]);
    expect(await find({ q: "<img src=x>" })).toEqual([]);
    expect((await fixture.refusal("listJobs", { query: { state: "DONE" } })).code).toBe("REQUEST_INVALID");
  });

  it("asks the store as often for many jobs as for one", async () => {
    const many = Array.from({ length: 300 }, (_, index) =>
      defineJob({ name: `job_${index}`, execute: () => undefined }),
    );
    await using fixture = await createRestFixture(many);
    let calls = 0;
    const counting = new Proxy(fixture.store, {
      get(store, name): unknown {
        const value: unknown = Reflect.get(store, name);
        if (typeof value !== "function") return value;
        return (...parameters: unknown[]): unknown => {
          calls += 1;
          return Reflect.apply(value, store, parameters);
        };
      },
    });
    Object.assign(fixture.services, { store: counting });
    expect((await fixture.call("listJobs", { query: { limit: "300" } })).items).toHaveLength(300);
    expect(calls).toBeLessThanOrEqual(8);
  });

  it("says how old the data of a job is that has failed for long", async () => {
    let isBroken = false;
    const sometimes = defineJob({
      name: "sometimes",
      retry: { maxRetries: 0 },
      execute() {
        if (isBroken) throw new Error("broken");
      },
    });
    await using fixture = await createRestFixture([sometimes]);
    await fixture.startWorker([sometimes], { slots: 8 });
    const good = await fixture.waitFor(await fixture.submit(sometimes));
    isBroken = true;
    const runIds = await Promise.all(
      Array.from({ length: 31 }, async (_, index) => await fixture.submit(sometimes, { index })),
    );
    for (const runId of runIds) await fixture.waitFor(runId);
    const detail = await fixture.call("showJob", job("sometimes"));
    expect(detail.outcomes).toHaveLength(30);
    expect(detail.fresh_at).toBe(new Date(good.finishedAtMs ?? 0).toISOString());
    expect(detail.p50_ms).toBeNull();
  });

  it("shows fires that made no run among the outcomes", async () => {
    await using fixture = await createRestFixture([nightly]);
    const dueMs = Date.UTC(2026, 0, 1, 2);
    const definition = JSON.parse(JSON.stringify(nightly.schedule)) as never;
    await fixture.store.saveSchedules([{ name: "nightly", definition, nextFireAtMs: dueMs }]);
    const tick: ScheduleTick = {
      name: "nightly",
      seenFireAtMs: dueMs,
      nextFireAtMs: dueMs + 86_400_000,
      fires: [{ fireAtMs: dueMs, decision: "missed" }],
    };
    await fixture.store.fire([tick]);
    const detail = await fixture.call("showJob", job("nightly"));
    expect(detail.outcomes).toEqual([
      { run_id: null, state: "MISSED", reason: null, at: "2026-01-01T02:00:00.000Z", duration_ms: null },
    ]);
    expect(detail.schedule?.next_fire_at).toBe("2026-01-02T02:00:00.000Z");
  });
});

describe("a job's page", () => {
  it("has the definition with a schema of its params", async () => {
    await using fixture = await createRestFixture([chain]);
    const detail = await fixture.call("showJob", job("hello"));
    expect(detail).toMatchObject({
      file: "jobs/chain.ts",
      outputs: ["greetings"],
      retry: { attempts: 4, description: "3 exponential retries after 5m to 4h" },
      isolation: "inline",
      nodes: [{ job_name: "hello", depends_on: [] }],
    });
    expect(detail.params_schema).toMatchObject({
      type: "object",
      properties: { who: { type: "string", default: "you" } },
    });
  });

  it("of a pipeline has its graph, and the params that its jobs declare", async () => {
    await using fixture = await createRestFixture([chain]);
    const detail = await fixture.call("showJob", job("chain"));
    expect(detail.nodes.map(({ job_name: name, depends_on: on }) => [name, on.map((edge) => edge.because)])).toEqual([
      ["broken", []],
      ["hello", []],
      ["after", [null, "greetings"]],
    ]);
    expect(detail.params_schema).toMatchObject({ type: "object", properties: { times: { type: "integer" } } });
    expect(detail.inputs).toEqual([]);
  });

  it("has no schema for params that JSON Schema has no words for", async () => {
    const odd = defineJob({ name: "odd", params: z.object({ at: z.date() }), execute: () => undefined });
    await using fixture = await createRestFixture([odd]);
    expect((await fixture.call("showJob", job("odd"))).params_schema).toBeNull();
  });

  it.each([
    "nobody",
    "__proto__",
    "constructor",
    "<b>x</b>",
    "'; drop table run; --",
    "../../etc/passwd",
    "x".repeat(200),
  ])("is refused for %s", async (name) => {
    await using fixture = await createRestFixture([hello]);
    for (const route of ["showJob", "showGrid", "startJob", "stopJob", "pauseJob", "resumeJob"] as const) {
      expect((await fixture.refusal(route, job(name))).code).toBe("JOB_UNKNOWN");
    }
    const body = { from: "2026-01-01", to: "2026-01-03", step: "1d" };
    expect((await fixture.refusal("backfillJob", { ...job(name), body })).code).toBe("JOB_UNKNOWN");
    expect((await fixture.refusal("showJob", job("n".repeat(10_000)))).code).toBe("REQUEST_INVALID");
  });
});

describe("starting a job", () => {
  it("makes a run with params and window, and returns the unfinished one when there is one like it", async () => {
    await using fixture = await createRestFixture([hello]);
    const body = { params: { who: "ada" }, window: { from: "2026-01-01", to: "2026-01-02" } };
    const first = await fixture.call("startJob", { ...job("hello"), body });
    expect(first.created).toBe(true);
    expect(await fixture.call("startJob", { ...job("hello"), body })).toEqual({ run_id: first.run_id, created: false });
    expect(await fixture.call("showRun", { params: { run_id: first.run_id } })).toMatchObject({
      params: { who: "ada" },
      window: { from: "2026-01-01T00:00:00.000Z" },
      created_by: "ada",
    });
  });

  it("by force starts another one, ahead of all, although the job is paused", async () => {
    await using fixture = await createRestFixture([hello]);
    await fixture.call("pauseJob", job("hello"));
    const first = await fixture.call("startJob", job("hello"));
    expect((await fixture.call("showRun", { params: { run_id: first.run_id } })).state).toBe("PAUSED");
    const forced = await fixture.call("startJob", { ...job("hello"), body: { force: true, reason: "now" } });
    expect(forced.created).toBe(true);
    expect(forced.run_id).not.toBe(first.run_id);
    expect((await fixture.call("showRun", { params: { run_id: forced.run_id } })).state).toBe("PENDING");
  });

  it.each([
    [{ who: 7 }, "body.params.who"],
    [{ times: 10 }, "body.params.times"],
    [{ whoo: "ada" }, "body.params.whoo"],
  ])("refuses the params %j and names the place", async (params, path) => {
    await using fixture = await createRestFixture([hello]);
    const error = await fixture.refusal("startJob", { ...job("hello"), body: { params } });
    expect(error).toMatchObject({ code: "PARAMS_INVALID", details: { issues: [{ path }] } });
    expect(await fixture.store.listRuns({ limit: 1 })).toEqual([]);
  });

  it.each([
    { window: { from: "x", to: "y" } },
    { window: { from: "2026-01-02", to: "2026-01-01" } },
    { params: [] },
    { run: 1 },
  ])("refuses the body %j", async (body) => {
    await using fixture = await createRestFixture([hello]);
    expect((await fixture.refusal("startJob", { ...job("hello"), body })).code).toMatch(/^(REQUEST|VALUE)_INVALID$/);
  });
});

describe("a job as a whole", () => {
  it("is paused with its runs, resumed and stopped; what makes no sense is refused with what does", async () => {
    await using fixture = await createRestFixture([hello]);
    const runId = await fixture.submit(hello);
    expect(await fixture.call("pauseJob", { ...job("hello"), body: { reason: "audit" } })).toEqual({
      changed: 1,
      requested: 0,
    });
    const detail = await fixture.call("showJob", job("hello"));
    expect(detail.paused).toMatchObject({ by: "ada", reason: "audit" });
    expect(detail.state).toBe("PAUSED");
    expect(await fixture.call("resumeJob", job("hello"))).toEqual({ changed: 1, requested: 0 });
    const again = await fixture.refusal("resumeJob", job("hello"));
    expect(again).toMatchObject({ code: "TRANSITION_INVALID", details: { allowed: ["start", "stop", "pause"] } });
    expect(await fixture.call("stopJob", job("hello"))).toEqual({ changed: 1, requested: 0 });
    expect(await fixture.store.findRun(runId)).toMatchObject({ state: "ERROR", reason: "stopped" });
    const nothing = await fixture.refusal("stopJob", job("hello"));
    expect(nothing).toMatchObject({ code: "TRANSITION_INVALID", details: { allowed: ["start", "pause"] } });
  });

  it("is force-stopped while it executes", async () => {
    await using fixture = await createRestFixture([holds]);
    await fixture.startWorker([holds]);
    const runId = await fixture.submit(holds);
    await fixture.waitForEvent(runId, "started");
    expect(await fixture.call("stopJob", { ...job("holds"), body: { force: true } })).toEqual({
      changed: 1,
      requested: 0,
    });
    expect(await fixture.waitFor(runId)).toMatchObject({ reason: "force_stopped" });
  });
});

describe("backfill", () => {
  it("is shown first, then run", async () => {
    await using fixture = await createRestFixture([nightly]);
    const body = { from: "2026-01-01T02:00:00Z", to: "2026-01-04T02:00:00Z" };
    const plan = await fixture.call("backfillJob", { ...job("nightly"), body: { ...body, dry_run: true } });
    expect(plan).toMatchObject({ run_id: null, count: 3, existing: 0 });
    expect(plan.windows[0]).toEqual({ from: "2026-01-01T02:00:00.000Z", to: "2026-01-02T02:00:00.000Z" });
    const done = await fixture.call("backfillJob", { ...job("nightly"), body: { ...body, parallelism: 2 } });
    expect(done).toMatchObject({ count: 3 });
    const children = await fixture.call("listChildren", { params: { run_id: done.run_id ?? "" } });
    expect(children.items).toHaveLength(3);
    const again = await fixture.call("backfillJob", { ...job("nightly"), body });
    expect(again).toEqual({
      run_id: null,
      windows: [],
      count: 0,
      existing: 3,
      finished: 0,
      unfinished: 3,
      other_params: 0,
      not_ended: 0,
      skipped: plan.windows.map((window) => ({ ...window, because: "unfinished" })),
    });
    const rerun = await fixture.refusal("rerunRun", { params: { run_id: done.run_id ?? "" } });
    expect(rerun.code).toBe("VALUE_INVALID");
  });

  it("runs again what failed while the rest is under way", async () => {
    await using fixture = await createRestFixture([nightly]);
    const body = { from: "2026-01-01T02:00:00Z", to: "2026-01-04T02:00:00Z", parallelism: 3 };
    const first = await fixture.call("backfillJob", { ...job("nightly"), body });
    const { items } = await fixture.call("listChildren", { params: { run_id: first.run_id ?? "" } });
    await fixture.call("stopRun", { params: { run_id: items[0]?.run_id ?? "" } });
    const second = await fixture.call("backfillJob", { ...job("nightly"), body });
    expect(second).toMatchObject({ count: 1, unfinished: 2 });
    expect(second.run_id).not.toBe(first.run_id);
  });

  it("shows 200 windows of many", async () => {
    await using fixture = await createRestFixture([nightly]);
    const body = { from: "2026-01-01", to: "2026-01-20", step: "1h", dry_run: true };
    const plan = await fixture.call("backfillJob", { ...job("nightly"), body });
    expect([plan.count, plan.windows.length]).toEqual([456, 200]);
  });

  it.each([
    { from: "2026-01-01" },
    { from: "2026-01-02", to: "2026-01-01", step: "1d" },
    { from: "1900-01-01", to: "2100-01-01", step: "1s" },
    { from: "2026-01-01", to: "2026-01-02", step: "soon" },
    { from: "2026-01-01", to: "2026-01-02", parallelism: 0 },
  ])("refuses %j", async (body) => {
    await using fixture = await createRestFixture([nightly]);
    expect((await fixture.refusal("backfillJob", { ...job("nightly"), body })).code).toMatch(
      /^(REQUEST|VALUE)_INVALID$/,
    );
  });
});
