// Business figures of jobs, tested as a data engineer would test them.
import { expect, test } from "vitest";
import { MillraceError } from "../core/errors/errors.ts";
import { defineJob } from "../core/job/job.ts";
import { sqlJob } from "../data/jobs/sql-job.ts";
import { testJob } from "./test-job.ts";

test("figures of a run are there to be compared, whatever its retries and steps", async () => {
  let attempts = 0;
  const job = defineJob({
    name: "load",
    retry: { maxRetries: 1, baseDelay: "1s" },
    metrics: { orders: { min: 1, unit: "rows", onBreach: "fail" } },
    execute: async (ctx) => {
      // Only the first attempt does the step: its figure counts for the run.
      await ctx.step("count", () => ctx.metric("orders", 12));
      for (let page = 0; page < 1_000; page += 1) ctx.metric("pages", page, { labels: { region: "eu" } });
      if ((attempts += 1) === 1) throw new MillraceError("RATE_LIMITED", "slow down");
    },
    onSuccess: (ctx) => ctx.metric("told", 1),
  });
  const run = await testJob(job);
  expect([run.state, attempts]).toEqual(["FINISHED", 2]);
  const nothing = { job: "load", labels: {}, unit: undefined, breach: undefined };
  expect(run.metrics).toEqual([
    { ...nothing, name: "orders", value: 12, unit: "rows" },
    { ...nothing, name: "pages", value: 999, labels: { region: "eu" } },
    { ...nothing, name: "told", value: 1 },
  ]);
});

test("a figure outside of its thresholds fails the run before `onSuccess`", async () => {
  const told: string[] = [];
  const job = defineJob({
    name: "load",
    metrics: { orders: { min: 1, onBreach: "fail" }, share: { max: 5 } },
    execute: (ctx) => {
      ctx.metric("orders", 0);
      ctx.metric("share", 3);
    },
    onSuccess: () => void told.push("success"),
    onFailure: (_, error) => void told.push(error.code),
  });
  await expect(testJob(job)).rejects.toMatchObject({
    code: "METRIC_BREACHED",
    message: "job `load`: metric `orders` is 0, expected at least 1",
  });
  const run = await testJob(job, { onFailure: "return" });
  expect(run).toMatchObject({ state: "ERROR", reason: "checks_failed" });
  expect(run.metrics.map(({ name, breach }) => [name, breach])).toEqual([
    ["orders", "fail"],
    ["share", undefined],
  ]);
  expect(run.attempts).toHaveLength(1);
  expect(told).toEqual(["METRIC_BREACHED", "METRIC_BREACHED"]);
});

test("a warning leaves the run finished, also for a figure that was not recorded", async () => {
  const job = defineJob({
    name: "load",
    metrics: { share: { max: 5 }, orders: { min: 1 } },
    execute: (ctx) => ctx.metric("share", 7, { unit: "%" }),
  });
  const run = await testJob(job);
  expect(run.state).toBe("FINISHED");
  expect(run.metrics).toMatchObject([{ name: "share", value: 7, breach: "warn" }]);
  expect(run.logs.map(({ level, message }) => `${level} ${message}`)).toEqual([
    "warn metric `share` is 7 %, expected at most 5",
    "warn metric `orders` was not recorded, expected at least 1",
  ]);
});

test("what is no figure, and one too many, are errors where they are recorded", async () => {
  const job = defineJob({
    name: "load",
    execute: (ctx) => {
      expect(() => ctx.metric("orders", Number.NaN)).toThrow("expected metric `orders` to be a finite number");
      for (let index = 0; index <= 100; index += 1) ctx.metric("order", index, { labels: { id: String(index) } });
    },
  });
  await expect(testJob(job)).rejects.toThrow("expected a run to record at most 100 metrics");
});

test("a declared job has its counts, where it has rules for them", async () => {
  const options = {
    name: "positive",
    inputs: ["orders"],
    sql: "select * from orders",
    checks: [{ range: { total: { min: 0 } }, severity: "quarantine" as const }],
    output: { dataset: "positive" },
  };
  const inputs = { orders: [{ total: 1 }, { total: 2 }, { total: -3 }] };
  const job = sqlJob({ ...options, metrics: { rows: { min: 2 }, quarantined: { max: 0, onBreach: "fail" } } });
  const run = await testJob(job, { inputs, onFailure: "return" });
  expect(run.error?.message).toBe("job `positive`: metric `quarantined` is 1 rows, expected at most 0");
  expect(run.metrics.map(({ name, value, breach }) => [name, value, breach])).toEqual([
    ["quarantined", 1, "fail"],
    ["rows", 2, undefined],
  ]);
  expect((await testJob(sqlJob(options), { inputs })).metrics).toEqual([]);
  expect(() => sqlJob({ ...options, metrics: { revenue: { min: 1 } } })).toThrow(
    "expected `metrics` of job `positive` to be rules of `rows`, `row_count` and `quarantined`, got: `revenue`",
  );
});
