import { expect, test } from "vitest";
import { z } from "zod";
import { defineJob } from "../../../src/core/job/job.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import { createWorkerFixture, type WorkerFixture } from "../../support/workers/worker-fixture.ts";

test("a stop reaches the handler within a second, with who asked and why, and is not tried again", async () => {
  await using fixture = await createWorkerFixture();
  const began = Promise.withResolvers<void>();
  let abortedAtMs = 0;
  const job = defineJob({
    name: "long",
    async execute(ctx) {
      began.resolve();
      await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve, { once: true }));
      abortedAtMs = performance.now();
      ctx.signal.throwIfAborted();
    },
  });
  await fixture.startWorker([job]);
  const runId = await fixture.submit(job);
  await began.promise;
  const askedAtMs = performance.now();
  await fixture.store.control({ action: "stop", target: { runId }, by: "ada", reason: "wrong day" });
  const run = await fixture.waitFor(runId);
  expect(run).toMatchObject({ state: "ERROR", reason: "stopped", attempt: 1, error: { code: "RUN_STOPPED" } });
  expect(run.error?.message).toMatch(/by ada: wrong day$/);
  expect(abortedAtMs - askedAtMs).toBeLessThan(1_000);
});

test("a handler that does not listen is left behind after its grace, and what it writes then is refused", async () => {
  await using fixture = await createWorkerFixture();
  const began = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const late = Promise.withResolvers<unknown>();
  const job = defineJob({
    name: "deaf",
    async execute(ctx) {
      began.resolve();
      await released.promise;
      await ctx.checkpoint.save(1).catch((error: unknown) => late.resolve(error));
    },
  });
  await fixture.startWorker([job], { slots: 1 });
  const runId = await fixture.submit(job);
  await began.promise;
  await fixture.store.control({ action: "stop", target: { runId }, by: "ada" });
  expect(await fixture.waitFor(runId)).toMatchObject({ state: "ERROR", reason: "stopped" });
  released.resolve();
  expect(await late.promise).toMatchObject({ code: "RUN_LOST" });
});

test("a force-stopped handler is aborted as lost and writes nothing", async () => {
  await using fixture = await createWorkerFixture();
  const began = Promise.withResolvers<void>();
  const reason = Promise.withResolvers<unknown>();
  const job = defineJob({
    name: "forced",
    async execute(ctx) {
      began.resolve();
      await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve, { once: true }));
      reason.resolve(ctx.signal.reason);
      return "too late";
    },
  });
  await fixture.startWorker([job]);
  const runId = await fixture.submit(job);
  await began.promise;
  await fixture.store.control({ action: "force_stop", target: { runId }, by: "ada" });
  expect(await reason.promise).toMatchObject({ code: "RUN_LOST" });
  expect(await fixture.waitFor(runId)).toMatchObject({ state: "ERROR", reason: "force_stopped" });
  expect(await fixture.store.verify()).toEqual([]);
});

test.each(["checkpoint", "items", "steps", "waits"] as const)(
  "a paused handler yields at its %s, its cleanup runs, and it is entered again when it is resumed",
  async (place) => {
    await using fixture = await createWorkerFixture();
    let entries = 0;
    let cleanups = 0;
    const began = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const job = defineJob({
      name: "pausable",
      async execute(ctx) {
        entries += 1;
        began.resolve();
        await asked.promise;
        try {
          for (let at = 0; entries === 1; at += 1) {
            await fixture.clock.sleep(1);
            if (place === "checkpoint") await ctx.checkpoint.save(at);
            else if (place === "steps") await ctx.step(`s${at}`, () => at);
            else if (place === "items") await ctx.each([`i${at}`], { key: String }, () => Promise.resolve());
            else await ctx.sleep("1ms", { name: `w${at}` }).catch(rethrowUnlessSnoozed);
          }
          return "done";
        } finally {
          cleanups += 1;
        }
      },
    });
    await fixture.startWorker([job]);
    const runId = await fixture.submit(job);
    await began.promise;
    await fixture.store.control({ action: "pause", target: { runId }, by: "ada" });
    asked.resolve();
    await untilPaused(fixture, runId);
    expect(cleanups).toBeGreaterThanOrEqual(1);
    await fixture.store.control({ action: "resume", target: { runId }, by: "ada" });
    expect(await fixture.waitFor(runId)).toMatchObject({ state: "FINISHED", attempt: 1, result: "done" });
    expect(cleanups).toBe(entries);
  },
);

test("a handler that swallows the yield is told again at every further use of its context, and does not end finished", async () => {
  await using fixture = await createWorkerFixture();
  const began = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const codes: string[] = [];
  const tryTo = async (use: () => Promise<unknown>): Promise<void> => {
    await use().catch((error: { code: string }) => codes.push(error.code));
  };
  let entries = 0;
  const job = defineJob({
    name: "stubborn",
    async execute(ctx) {
      entries += 1;
      if (entries > 1) return "second";
      began.resolve();
      await asked.promise;
      while (codes.length === 0) {
        await tryTo(() => ctx.checkpoint.save(1));
        await fixture.clock.sleep(1);
      }
      await tryTo(() => ctx.checkpoint.load(z.number()));
      await tryTo(() => ctx.step("x", () => 1));
      await tryTo(() => ctx.each(["a"], { key: String }, () => Promise.resolve()));
      await tryTo(() => ctx.upstream("nobody"));
      await tryTo(() => ctx.sql("select 1"));
      await tryTo(() => ctx.sleep("1h"));
      await tryTo(() => ctx.spawn("stubborn"));
      return "first";
    },
  });
  await fixture.startWorker([job]);
  const runId = await fixture.submit(job);
  await began.promise;
  await fixture.store.control({ action: "pause", target: { runId }, by: "ada" });
  asked.resolve();
  await untilPaused(fixture, runId);
  expect(codes).toEqual(Array.from({ length: 8 }, () => "RUN_PAUSED"));
  await fixture.store.control({ action: "resume", target: { runId }, by: "ada" });
  expect(await fixture.waitFor(runId)).toMatchObject({ state: "FINISHED", result: "second" });
});

test("a job cannot forge what the orchestrator throws: it fails like any other", async () => {
  await using fixture = await createWorkerFixture();
  const { MillraceError } = await import("../../../src/core/errors/errors.ts");
  const jobs = (["RUN_PAUSED", "RUN_SNOOZED", "RUN_RELEASED", "RUN_LOST"] as const).map((code) =>
    defineJob({
      name: code.toLowerCase(),
      execute: () => {
        throw new MillraceError(code, "so it says");
      },
    }),
  );
  await fixture.startWorker(jobs);
  for (const job of jobs) {
    const run = await fixture.waitFor(await fixture.submit(job));
    expect(run).toMatchObject({ state: "ERROR", reason: "failed", error: { message: "so it says" } });
  }
});

function rethrowUnlessSnoozed(error: unknown): void {
  if ((error as { code?: string }).code !== "RUN_SNOOZED") throw error;
}

async function untilPaused(fixture: WorkerFixture, runId: RunId): Promise<void> {
  while ((await fixture.store.listAttempts(runId)).at(-1)?.end !== "paused") await fixture.clock.sleep(5);
  expect(await fixture.store.findRun(runId)).toMatchObject({ state: "PAUSED" });
}
