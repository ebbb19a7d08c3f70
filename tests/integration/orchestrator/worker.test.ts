import { expect, test } from "vitest";
import { z } from "zod";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { defineJob } from "../../../src/core/job/job.ts";
import { cancel, partial, snooze } from "../../../src/core/job/outcome.ts";
import { JobPipeline } from "../../../src/core/job/pipeline.ts";
import { createWorkerFixture } from "../../support/workers/worker-fixture.ts";

test("a pipeline runs its jobs in order and hands results on", async () => {
  await using fixture = await createWorkerFixture();
  const order: string[] = [];
  const count = defineJob({ name: "count", execute: () => ({ rows: order.push("count") + 2 }) });
  const double = defineJob({
    name: "double",
    execute: async (ctx) => {
      order.push("double");
      return { rows: (await ctx.upstream(count)).rows * 2 };
    },
  });
  await fixture.startWorker([count, double]);
  const runId = await fixture.submit(new JobPipeline("daily").addJob(count).addJob(double, { dependsOn: [count] }));
  expect(await fixture.waitFor(runId)).toMatchObject({ state: "FINISHED", kind: "pipeline", result: { jobs: 2 } });
  expect(order).toEqual(["count", "double"]);
  const [last] = await fixture.store.listRuns({ job: "double", limit: 1 });
  expect(last?.result).toEqual({ rows: 6 });
  expect(await fixture.store.verify()).toEqual([]);
});

test("a job that continues without an upstream job hears that there is no result", async () => {
  await using fixture = await createWorkerFixture();
  const fails = defineJob({
    name: "fails",
    execute: (): { rows: number } => {
      throw new Error("no such table");
    },
  });
  const goesOn = defineJob({ name: "goes_on", execute: async (ctx) => (await ctx.upstream(fails)).rows });
  await fixture.startWorker([fails, goesOn]);
  const pipeline = new JobPipeline("daily").addJob(fails);
  await fixture.waitFor(
    await fixture.submit(pipeline.addJob(goesOn, { dependsOn: [fails], onUpstreamFailure: "continue" })),
  );
  const [last] = await fixture.store.listRuns({ job: "goes_on", limit: 1 });
  expect(last?.error).toMatchObject({
    code: "UPSTREAM_UNFINISHED",
    message: "upstream job `fails` of job `goes_on` has no result, its run is: `ERROR` (failed)",
  });
});

test("a transient failure is tried again after its delay, a permanent one is not", async () => {
  await using fixture = await createWorkerFixture();
  let tries = 0;
  const flaky = defineJob({
    name: "flaky",
    retry: { maxRetries: 2, baseDelay: "5ms", jitter: false },
    execute: () => {
      tries += 1;
      if (tries < 3) throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
      return tries;
    },
  });
  const broken = defineJob({
    name: "broken",
    execute: () => {
      throw new RangeError("index 7");
    },
  });
  await fixture.startWorker([flaky, broken]);
  const flakyRun = await fixture.submit(flaky);
  const brokenRun = await fixture.submit(broken);
  expect(await fixture.waitFor(brokenRun)).toMatchObject({
    state: "ERROR",
    reason: "failed",
    attempt: 1,
    error: { code: "JOB_FAILED", message: "index 7" },
  });
  expect(await fixture.waitFor(flakyRun)).toMatchObject({ state: "FINISHED", attempt: 3, result: 3 });
  const attempts = await fixture.store.listAttempts(flakyRun);
  expect(attempts.map((attempt) => attempt.end)).toEqual(["retry", "retry", "finished"]);
  expect((attempts[1]?.startedAtMs ?? 0) - (attempts[0]?.endedAtMs ?? 0)).toBeGreaterThanOrEqual(5);
});

test("when no attempts are left the run ends with the last error", async () => {
  await using fixture = await createWorkerFixture();
  const down = defineJob({
    name: "down",
    retry: { maxRetries: 1, baseDelay: "1ms" },
    execute: () => {
      throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    },
  });
  await fixture.startWorker([down]);
  const run = await fixture.waitFor(await fixture.submit(down));
  expect(run).toMatchObject({ state: "ERROR", attempt: 2, error: { code: "JOB_FAILED_TRANSIENT" } });
});

test("`snooze` gives the worker back and does not count as an attempt", async () => {
  await using fixture = await createWorkerFixture();
  let looks = 0;
  const poll = defineJob({ name: "poll", execute: () => (++looks < 3 ? snooze("5ms") : "ready") });
  await fixture.startWorker([poll]);
  const run = await fixture.waitFor(await fixture.submit(poll));
  expect(run).toMatchObject({ state: "FINISHED", attempt: 1, epoch: 3, result: "ready" });
});

test("`cancel`, `partial` and a timeout end as what they are", async () => {
  await using fixture = await createWorkerFixture();
  const cancelled = defineJob({ name: "cancelled", execute: () => cancel("nothing to do") });
  const some = defineJob({ name: "some", execute: () => partial({ rows: 1 }, ["item x: gone"]) });
  const slow = defineJob({
    name: "slow",
    timeout: "20ms",
    retry: { maxRetries: 0 },
    execute: () => new Promise(() => undefined),
  });
  await fixture.startWorker([cancelled, some, slow]);
  expect(await fixture.waitFor(await fixture.submit(cancelled))).toMatchObject({ state: "ERROR", reason: "cancelled" });
  expect(await fixture.waitFor(await fixture.submit(some))).toMatchObject({
    state: "FINISHED",
    reason: "partial",
    result: { rows: 1 },
  });
  expect(await fixture.waitFor(await fixture.submit(slow))).toMatchObject({
    state: "ERROR",
    reason: "timed_out",
    error: { code: "JOB_TIMED_OUT" },
  });
});

test("a failed job cancels, skips or lets go on those that depend on it, and the pipeline names it", async () => {
  await using fixture = await createWorkerFixture();
  const bad = defineJob({
    name: "bad",
    execute: () => {
      throw new Error("no such table");
    },
  });
  const [a, b, c] = (["a", "b", "c"] as const).map((name) => defineJob({ name, execute: () => name }));
  if (a === undefined || b === undefined || c === undefined) throw new Error("three jobs");
  const pipeline = new JobPipeline("mixed")
    .addJob(bad)
    .addJob(a, { dependsOn: ["bad"] })
    .addJob(b, { dependsOn: ["bad"], onUpstreamFailure: "skip" })
    .addJob(c, { dependsOn: ["bad"], onUpstreamFailure: "continue" });
  await fixture.startWorker([bad, a, b, c]);
  const run = await fixture.waitFor(await fixture.submit(pipeline));
  expect(run).toMatchObject({ state: "ERROR", error: { message: "2 of 4 jobs did not finish; failed: `bad`" } });
  const children = await fixture.store.listRuns({ parentRunId: run.id, limit: 10 });
  expect(
    Object.fromEntries(children.map((child) => [child.job, `${child.state} ${child.reason ?? ""}`.trim()])),
  ).toEqual({
    bad: "ERROR failed",
    a: "ERROR upstream_failed",
    b: "FINISHED skipped",
    c: "FINISHED",
  });
});

test("a stopped worker gives its run back, and another goes on where it was: steps, units and checkpoints are kept", async () => {
  await using fixture = await createWorkerFixture();
  const done: string[] = [];
  let steps = 0;
  const reached = Promise.withResolvers<void>();
  const job = defineJob({
    name: "resumable",
    execute: async (ctx) => {
      const token = await ctx.step("token", () => `t${++steps}`);
      const before = await ctx.checkpoint.load(z.object({ at: z.number() }));
      const { skipped } = await ctx.each(["a", "b", "c"], { key: (item) => item }, async (item) => {
        if (item === "c" && before === undefined) {
          await ctx.checkpoint.save({ at: 2 });
          reached.resolve();
          await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve, { once: true }));
          ctx.signal.throwIfAborted();
        }
        done.push(item);
      });
      return { token, skipped, before };
    },
  });
  const first = await fixture.startWorker([job]);
  const runId = await fixture.submit(job);
  await reached.promise;
  await first.stop();
  expect(await fixture.store.findRun(runId)).toMatchObject({ state: "PENDING", attempt: 0 });
  await fixture.startWorker([job]);
  expect(await fixture.waitFor(runId)).toMatchObject({
    state: "FINISHED",
    attempt: 1,
    epoch: 2,
    result: { token: "t1", skipped: 2, before: { at: 2 } },
  });
  expect(done).toEqual(["a", "b", "c"]);
});

test("items that failed with `continue` make the run partial", async () => {
  await using fixture = await createWorkerFixture();
  const job = defineJob({
    name: "items",
    execute: async (ctx) => {
      const { failures } = await ctx.each([1, 2, 3], { key: String, onItemError: "continue" }, async (item) => {
        if (item === 2) throw new Error("gone");
      });
      return failures.length;
    },
  });
  await fixture.startWorker([job]);
  const run = await fixture.waitFor(await fixture.submit(job));
  expect(run).toMatchObject({ state: "FINISHED", reason: "partial", result: 1 });
  expect(await fixture.store.listEvents(run.id, 0, 100)).toContainEqual(
    expect.objectContaining({ type: "items_failed", data: ["item `2`: gone"] }),
  );
});

test("a job whose lease was lost is aborted at its next write and records nothing", async () => {
  await using fixture = await createWorkerFixture();
  const claimed = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const seen: unknown[] = [];
  const job = defineJob({
    name: "zombie",
    execute: async (ctx) => {
      claimed.resolve();
      await taken.promise;
      await ctx.checkpoint.save({ at: 1 }).catch((error: unknown) => seen.push(error));
      seen.push(ctx.signal.aborted);
      return "too late";
    },
  });
  await fixture.startWorker([job]);
  const runId = await fixture.submit(job);
  await claimed.promise;
  const [worker] = await fixture.store.listWorkers();
  await fixture.store.reap({ limit: 10, deadWorkerIds: worker === undefined ? [] : [worker.workerId], maxLosses: 1 });
  taken.resolve();
  expect(await fixture.waitFor(runId)).toMatchObject({ state: "ERROR", reason: "lost" });
  while (seen.length < 2) await fixture.clock.sleep(2);
  expect(seen).toEqual([expect.objectContaining({ code: "RUN_LOST" }), true]);
  expect(await fixture.store.loadCheckpoints(runId)).toEqual([]);
});

test("notify hears of every end, and its failure changes nothing", async () => {
  await using fixture = await createWorkerFixture();
  const job = defineJob({ name: "loud", config: z.object({ who: z.string() }), execute: (ctx) => ctx.config.who });
  await fixture.startWorker([job], { config: { loud: { who: "world" } } });
  const runId = await fixture.submit(job);
  expect(await fixture.waitFor(runId)).toMatchObject({ result: "world" });
  while (fixture.ends.length === 0) await fixture.clock.sleep(2);
  expect(fixture.ends).toEqual([expect.objectContaining({ end: "finished", result: "world" })]);
});

test("a thrown MillraceError keeps its code, and params that are not declared are dropped with a notice", async () => {
  await using fixture = await createWorkerFixture();
  const job = defineJob({
    name: "strict",
    params: z.object({ day: z.string() }),
    execute: (ctx) => {
      throw new MillraceError("SOURCE_MISSING", `no file for \`${ctx.params.day}\``, { hint: "deliver it" });
    },
  });
  await fixture.startWorker([job]);
  const runId = await fixture.submit(job, { day: "2026-01-01", color: "red" });
  expect(await fixture.waitFor(runId)).toMatchObject({
    state: "ERROR",
    error: { code: "SOURCE_MISSING", hint: "deliver it" },
  });
  expect(await fixture.store.listEvents(runId, 0, 100)).toContainEqual(
    expect.objectContaining({ type: "param_dropped", data: { name: "color" } }),
  );
});

test("a worker leaves runs alone whose code it does not have, and one that has it takes them", async () => {
  await using fixture = await createWorkerFixture();
  const known = defineJob({ name: "known", execute: () => 1 });
  const foreign = defineJob({ name: "foreign", execute: () => 2 });
  await fixture.startWorker([known]);
  const foreignRun = await fixture.submit(foreign);
  expect(await fixture.waitFor(await fixture.submit(known))).toMatchObject({ state: "FINISHED" });
  expect(await fixture.store.findRun(foreignRun)).toMatchObject({ state: "PENDING", epoch: 0 });
  await fixture.startWorker([foreign]);
  expect(await fixture.waitFor(foreignRun)).toMatchObject({ state: "FINISHED", result: 2 });
});
