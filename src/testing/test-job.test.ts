// Jobs of each kind, tested as a data engineer would test them.
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { MillraceError } from "../core/errors/errors.ts";
import { defineJob } from "../core/job/job.ts";
import { JobPipeline } from "../core/job/pipeline.ts";
import { integrationJob } from "../data/jobs/integration-job.ts";
import { sqlJob } from "../data/jobs/sql-job.ts";
import { startBehavingServer } from "../../tests/support/http/behaving-server.ts";
import { testJob } from "./test-job.ts";
import { createTestProject } from "./test-project.ts";

const dailySales = sqlJob({
  name: "daily_sales",
  inputs: ["orders"],
  sql: "select cast(ordered_at as date) as day, sum(total) as sales, count(*) as orders from orders group by all",
  checks: [{ unique: ["day"] }, { range: { sales: { min: 0 } } }],
  output: { dataset: "daily_sales" },
});

test("a sql job gives its rows from rows in memory, with the verdicts of its checks", async () => {
  const run = await testJob(dailySales, {
    inputs: {
      orders: [
        { ordered_at: "2026-01-30T23:59:00Z", total: 10.5 },
        { ordered_at: "2026-01-31T08:00:00Z", total: 2 },
        { ordered_at: "2026-01-31T09:00:00Z", total: 3 },
      ],
    },
  });
  expect(run.output["daily_sales"]).toEqual([
    { day: "2026-01-30", sales: 10.5, orders: 1n },
    { day: "2026-01-31", sales: 5, orders: 2n },
  ]);
  expect(run.checks["daily_sales"]).toMatchObject([{ passed: true }, { passed: true }]);
  expect(run.state).toBe("FINISHED");
});

test("rows may have the types that are said, be none at all, or come from a query", async () => {
  const orders = { columns: { ordered_at: "TIMESTAMP", total: "DECIMAL(12,2)" }, rows: [] };
  expect((await testJob(dailySales, { inputs: { orders } })).output["daily_sales"]).toEqual([]);
  const typed = { ...orders, rows: [{ ordered_at: "2026-01-31 08:00:00", total: "2.10" }] };
  expect((await testJob(dailySales, { inputs: { orders: typed } })).output["daily_sales"]).toEqual([
    { day: "2026-01-31", sales: "2.10", orders: 1n },
  ]);
  const sql = "select timestamp '2026-01-31 08:00:00' + to_days(i) as ordered_at, 1.0 as total from range(3) t(i)";
  expect((await testJob(dailySales, { inputs: { orders: { sql } } })).output["daily_sales"]).toHaveLength(3);
  await expect(testJob(dailySales, { inputs: { orders: [] } })).rejects.toThrow(/expected rows of dataset `orders`/);
});

test("a check that fails is the error of the run, and what it left can be looked at", async () => {
  const inputs = { orders: [{ ordered_at: "2026-01-31T08:00:00Z", total: -5 }] };
  await expect(testJob(dailySales, { inputs })).rejects.toMatchObject({ code: "CHECKS_FAILED" });
  const run = await testJob(dailySales, { inputs, onFailure: "return" });
  expect(run).toMatchObject({ state: "ERROR", reason: "checks_failed", output: {} });
  expect(run.checks["daily_sales"]?.[1]).toMatchObject({ passed: false, failingRows: 1 });
});

const customers = integrationJob({
  name: "customers",
  source: { file: { path: "inbox/*.csv" } },
  checks: [{ notNull: ["email"], severity: "quarantine", name: "has_email" }],
  output: { dataset: "customers", mode: "merge", key: ["id"] },
});

test("an integration job reads the files of the test and sets rows aside", async () => {
  const run = await testJob(customers, { files: { "inbox/a.csv": "id,email\n1,a@example.com\n2,\n" } });
  expect(run.output).toEqual({ customers: [{ id: 1n, email: "a@example.com" }] });
  expect(run.quarantined["customers"]).toMatchObject([{ id: 2n, email: null, _reasons: ["has_email"] }]);
});

test("runs of one project build on one another", async () => {
  await using project = await createTestProject({ files: { "inbox/a.csv": "id,email\n1,old@example.com\n" } });
  await project.run(customers);
  await project.write({ "inbox/a.csv": "id,email\n1,new@example.com\n2,b@example.com\n" });
  const second = await project.run(customers);
  expect(second.output["customers"]).toEqual([
    { id: 1n, email: "new@example.com" },
    { id: 2n, email: "b@example.com" },
  ]);
  expect(second.quarantined).toEqual({ customers: [] });
  expect(await project.query("select count(*) as n from customers", ["customers"])).toEqual([{ n: 2n }]);
});

test("nothing is left of a project that is disposed", async () => {
  const project = await createTestProject({ files: { "a.txt": "a" } });
  expect(existsSync(project.root)).toBe(true);
  await expect(project.write({ "../b.txt": "b" })).rejects.toMatchObject({ code: "MODULE_OUTSIDE_PROJECT" });
  await project[Symbol.asyncDispose]();
  expect(existsSync(project.root)).toBe(false);
});

test("a handler gets params, config, watermark and results of upstream jobs, and its log can be read", async () => {
  const job = defineJob({
    name: "load_page",
    params: z.object({ region: z.string() }),
    config: z.object({ size: z.int() }),
    async execute(ctx) {
      const since = await ctx.watermark().load();
      const { pages } = z.object({ pages: z.int() }).parse(await ctx.upstream("count_pages"));
      ctx.log.info("loading", { pages });
      await ctx.watermark().advance("2026-01-31");
      return { since, size: ctx.config.size, region: ctx.params.region };
    },
  });
  const run = await testJob(job, {
    params: { region: "eu" },
    config: { load_page: { size: 50 } },
    watermarks: { default: "2026-01-01" },
    upstream: { count_pages: { pages: 3 } },
  });
  expect(run.result).toEqual({ since: "2026-01-01", size: 50, region: "eu" });
  expect(run.logs).toEqual([{ job: "load_page", level: "info", message: "loading", fields: { pages: 3 } }]);
  expect(run.watermarks).toEqual({ default: "2026-01-31" });
  await expect(testJob(job, { config: { load_page: { size: 50 } } })).rejects.toMatchObject({ code: "PARAMS_INVALID" });
});

test("time stands still, and moves over durable waits and waits before a retry at once", async () => {
  let tries = 0;
  const job = defineJob({
    name: "patient",
    retry: { maxRetries: 2 },
    async execute(ctx) {
      await ctx.sleep("6h");
      tries += 1;
      if (tries < 3) throw new MillraceError("SERVICE_UNAVAILABLE", "not yet");
      return await ctx.waitFor({ every: "1d" }, () => (tries += 1) > 5 && "at last");
    },
  });
  const run = await testJob(job, { now: "2026-01-31T00:00:00Z" });
  expect(run.result).toBe("at last");
  expect(run.attempts.map(({ end }) => end)).toEqual(["snoozed", "retry", "retry", "snoozed", "finished"]);
  expect(run.attempts[0]?.startedAt).toEqual(new Date("2026-01-31T00:00:00Z"));
  expect(run.endedAt.getTime()).toBeGreaterThanOrEqual(Date.parse("2026-02-01T06:00:00Z"));
});

test("a wait that never ends is told as such", async () => {
  const job = defineJob({ name: "for_ever", execute: (ctx) => ctx.waitFor({ every: "1m" }, () => false) });
  await expect(testJob(job)).rejects.toMatchObject({ code: "WAIT_TIMED_OUT" });
});

test("spawned runs are given back, those of stand-ins and those of real jobs", async () => {
  const child = defineJob({ name: "child", execute: ({ params }) => ({ got: params }) });
  const job = defineJob({
    name: "parent",
    spawns: [child, "mailer"],
    async execute(ctx) {
      const first = await ctx.spawn(child, { day: 1 });
      const second = await ctx.spawn("mailer", { to: "ada" });
      return [await first.result(), await second.result()];
    },
  });
  const spawns = { mailer: (params: unknown) => ({ sent: params }) };
  const run = await testJob(job, { jobs: [child], spawns });
  expect(run.result).toEqual([{ got: { day: 1 } }, { sent: { to: "ada" } }]);
  expect(run.spawned).toMatchObject([
    { job: "child", params: { day: 1 }, state: "FINISHED" },
    { job: "mailer", result: { sent: { to: "ada" } } },
  ]);
});

test("a job that does not find its world is told what the test can give", async () => {
  const job = defineJob({
    name: "lost",
    params: z.object({ asks: z.enum(["spawn", "upstream", "dataset"]) }),
    inputs: ["orders"],
    spawns: ["mailer"],
    async execute(ctx) {
      const { asks } = ctx.params;
      if (asks === "spawn") return void (await ctx.spawn("mailer"));
      return asks === "upstream" ? await ctx.upstream("count_pages") : await ctx.sql("select * from orders");
    },
  });
  const hintOf = async (asks: string): Promise<unknown> =>
    (await testJob(job, { params: { asks }, onFailure: "return" })).error?.hint;
  expect(await hintOf("spawn")).toBe(
    "give the test what it returns: `spawns: { mailer: … }`; or the job itself: `jobs: [ … ]`",
  );
  expect(await hintOf("upstream")).toBe(
    "give the test its result: `upstream: { count_pages: … }`; in a test of a pipeline, name it in `dependsOn`",
  );
  expect(await hintOf("dataset")).toBe("give the test its rows: `inputs: { orders: [ … ] }`");
});

test("what a job throws is the cause of the error, with its stack", async () => {
  const bug = new TypeError("x is not a function");
  const job = defineJob({
    name: "buggy",
    retry: { maxRetries: 0 },
    isolation: "thread",
    execute() {
      throw bug;
    },
  });
  const error = await testJob(job).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(MillraceError);
  expect(error).toMatchObject({ code: "JOB_FAILED", cause: bug });
});

test("a pipeline is run as a whole", async () => {
  const orders = sqlJob({
    name: "orders",
    inputs: [],
    sql: "select 1 as id, date '2026-01-31' as ordered_at, 5 as total",
    output: { dataset: "orders" },
  });
  const pipeline = new JobPipeline("sales").addJob(orders).addJob(dailySales);
  const run = await testJob(pipeline);
  expect(run.output["daily_sales"]).toMatchObject([{ day: "2026-01-31" }]);
  expect(Object.keys(run.output)).toEqual(expect.arrayContaining(["orders", "daily_sales"]));
  expect(run.attempts.map(({ job }) => job).toSorted()).toEqual(["daily_sales", "orders"]);
});

test("a full refresh works as if the job had never run", async () => {
  const job = defineJob({
    name: "reader",
    execute: async (ctx) => [ctx.run.isFullRefresh, (await ctx.watermark().load()) ?? null],
  });
  const watermarks = { default: 7 };
  expect((await testJob(job, { watermarks })).result).toEqual([false, 7]);
  expect((await testJob(job, { watermarks, isFullRefresh: true })).result).toEqual([true, null]);
});

test("a signal stops the run and is the reason of the call", async () => {
  const control = new AbortController();
  const job = defineJob({
    name: "endless",
    async execute(ctx) {
      const aborted = new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
      control.abort(new Error("enough"));
      await aborted;
      ctx.signal.throwIfAborted();
    },
  });
  await expect(testJob(job, { signal: control.signal })).rejects.toThrow("enough");
});

test("a job talks to a service of the test, and time moves over the pauses that it asks for", async () => {
  await using server = await startBehavingServer((_request, response, received) => {
    if (received.length === 1) return void response.writeHead(429, { "retry-after": "1800" }).end();
    response.end("later");
  });
  const ask = defineJob({
    name: "ask",
    execute: async (ctx) => await (await ctx.connection("crm").send({ url: "/x" })).text(),
  });
  const connections = { crm: { http: { baseUrl: server.origin, auth: { bearer: "a token of the test" } } } };
  const run = await testJob(ask, { connections, now: "2026-01-31T06:00:00Z" });
  expect([run.result, run.attempts.map(({ end }) => end)]).toEqual(["later", ["snoozed", "finished"]]);
});
