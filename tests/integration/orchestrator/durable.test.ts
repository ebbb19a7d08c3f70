import { expect, test } from "vitest";
import { z } from "zod";
import { defineJob } from "../../../src/core/job/job.ts";
import { createWorkerFixture } from "../../support/workers/worker-fixture.ts";

test("`sleep` and `waitFor` give the worker back, keep their deadlines and go on where they were", async () => {
  await using fixture = await createWorkerFixture();
  let probes = 0;
  let entries = 0;
  const job = defineJob({
    name: "patient",
    async execute(ctx) {
      entries += 1;
      await ctx.sleep("50ms");
      const found = await ctx.waitFor({ every: "20ms" }, () => (++probes < 3 ? undefined : { id: probes }));
      await ctx.sleep("50ms", { name: "last" });
      return found;
    },
  });
  await fixture.startWorker([job], { slots: 1 });
  const runId = await fixture.submit(job);
  expect(await fixture.waitFor(runId)).toMatchObject({ state: "FINISHED", attempt: 1, result: { id: 3 } });
  expect(probes).toBe(3);
  const attempts = await fixture.store.listAttempts(runId);
  expect(attempts.map(({ end }) => end)).toEqual(["snoozed", "snoozed", "snoozed", "snoozed", "finished"]);
  const history = await fixture.store.listEvents(runId, 0, 100);
  const waits = history.flatMap(({ type, data }) => (type === "snoozed" ? [(data as { wait?: unknown }).wait] : []));
  expect(waits).toEqual([{ kind: "sleep" }, { kind: "probe" }, { kind: "probe" }, { kind: "sleep" }]);
  expect(entries).toBe(5);
  const [first, second] = attempts;
  expect((second?.startedAtMs ?? 0) - (first?.startedAtMs ?? 0)).toBeGreaterThanOrEqual(49);
});

test("a wait that takes too long fails, after a last look", async () => {
  await using fixture = await createWorkerFixture();
  let probes = 0;
  const job = defineJob({
    name: "impatient",
    execute: (ctx) =>
      ctx.waitFor({ every: "1h", timeout: "20ms" }, () => {
        probes += 1;
        return false;
      }),
  });
  await fixture.startWorker([job]);
  expect(await fixture.waitFor(await fixture.submit(job))).toMatchObject({
    state: "ERROR",
    error: { code: "WAIT_TIMED_OUT" },
  });
  expect(probes).toBe(2);
});

test("waits and spawns that come in another order than before are noticed", async () => {
  await using fixture = await createWorkerFixture();
  let entries = 0;
  const child = defineJob({ name: "child", execute: () => 1 });
  const other = defineJob({ name: "other", execute: () => 2 });
  const never = (): undefined => undefined;
  const waits = defineJob({
    name: "waits",
    execute: (ctx) => (entries++ === 0 ? ctx.waitFor({ every: "1ms" }, never) : ctx.sleep("1ms")),
  });
  let tries = 0;
  const spawns = defineJob({
    name: "spawns",
    spawns: [child, other],
    async execute(ctx) {
      await ctx.spawn(tries++ === 0 ? "child" : "other");
      await ctx.waitFor({ every: "1ms" }, never);
    },
  });
  await fixture.startWorker([child, other, waits, spawns]);
  for (const job of [waits, spawns]) {
    const run = await fixture.waitFor(await fixture.submit(job));
    expect(run).toMatchObject({ state: "ERROR", error: { code: "WAIT_CHANGED" } });
    expect(run.error?.hint).toMatch(/`name`/);
  }
});

test("names of waits and steps that cannot be told apart are refused", async () => {
  await using fixture = await createWorkerFixture();
  const twice = defineJob({
    name: "twice",
    execute: async (ctx) => {
      await ctx.sleep("0ms", { name: "a" });
      await ctx.sleep("0ms", { name: "a" });
    },
  });
  const together = defineJob({
    name: "together",
    execute: (ctx) => Promise.all([ctx.step("s", () => Promise.resolve(1)), ctx.step("s", () => 2)]),
  });
  const reserved = defineJob({ name: "reserved", execute: (ctx) => ctx.step("wait:1", () => 1) });
  await fixture.startWorker([twice, together, reserved]);
  const messages = [];
  for (const job of [twice, together, reserved])
    messages.push((await fixture.waitFor(await fixture.submit(job))).error?.message);
  expect(messages).toEqual([
    "expected each name of ctx.wait to be given once, got twice: `a`",
    "step runs already in this attempt: `s`",
    "expected the name of a step not to begin with `wait:`, `spawn:`, `each:` or `watermark:`, got: `wait:1`",
  ]);
});

test("a spawned run starts once however often its starter is entered, and its result comes without holding the worker", async () => {
  await using fixture = await createWorkerFixture();
  let children = 0;
  const child = defineJob({
    name: "child",
    params: z.object({ n: z.number() }),
    execute: async (ctx) => {
      children += 1;
      return ctx.params.n * 2;
    },
  });
  const parent = defineJob({
    name: "parent",
    spawns: [child],
    async execute(ctx) {
      const runs = await Promise.all([1, 2].map((n) => ctx.spawn("child", { n }, { name: `c${n}` })));
      const results = [];
      for (const run of runs) results.push(await run.result());
      return results;
    },
  });
  // One slot: the children can run only while their parent does not.
  await fixture.startWorker([child, parent], { slots: 1 });
  const runId = await fixture.submit(parent);
  expect(await fixture.waitFor(runId)).toMatchObject({ state: "FINISHED", attempt: 1, result: [2, 4] });
  expect(children).toBe(2);
  expect(await fixture.store.verify()).toEqual([]);
});

test("spawning an unknown or undeclared job, or in a circle, is refused; a failed run fails who waits for it", async () => {
  await using fixture = await createWorkerFixture();
  const unknown = defineJob({ name: "unknown", spawns: ["unknwon"], execute: (ctx) => ctx.spawn("unknwon") });
  const circle = defineJob({ name: "circle", spawns: ["circle"], execute: (ctx) => ctx.spawn("circle", {}) });
  const bad = defineJob({
    name: "bad",
    execute: () => {
      throw new Error("no such table");
    },
  });
  const undeclared = defineJob({ name: "undeclared", spawns: ["badd"], execute: (ctx) => ctx.spawn("bad") });
  const waits = defineJob({
    name: "waits",
    spawns: [bad],
    execute: async (ctx) => await (await ctx.spawn("bad")).result(),
  });
  const huge = defineJob({
    name: "huge",
    spawns: [bad],
    execute: (ctx) => ctx.spawn("bad", { text: "x".repeat(50_000_000) }),
  });
  const jobs = [unknown, circle, waits, huge, undeclared];
  await fixture.startWorker([...jobs, bad]);
  const errors = [];
  for (const job of jobs) errors.push((await fixture.waitFor(await fixture.submit(job))).error);
  expect(errors.map((error) => error?.code)).toEqual([
    "JOB_UNKNOWN",
    "SPAWN_CYCLE",
    "JOB_FAILED",
    "PARAMS_INVALID",
    "JOB_UNKNOWN",
  ]);
  expect(errors[0]?.message).toBe("unknown job `unknwon`, did you mean `unknown`?");
  expect(errors[4]?.message).toBe(
    "job `undeclared` starts a job that is not among its `spawns`: `bad`, did you mean `badd`?",
  );
  expect(errors[2]?.message).toMatch(/^run `r\d+` of `bad` failed: no such table$/);
});
