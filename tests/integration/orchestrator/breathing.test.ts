// A job that does nothing but call its context, on a store that answers at once, in the process that also hears of stops.
import { expect, test } from "vitest";
import { z } from "zod";
import { defineJob } from "../../../src/core/job/job.ts";
import type { JobContext } from "../../../src/core/job/job-context.ts";
import { createWorkerFixture } from "../../support/workers/worker-fixture.ts";

const endless = (function* () {
  for (let item = 0; ; item += 1) yield String(item);
})();

/** What a handler may do over and over; `n` counts. */
const calls: Readonly<Record<string, (ctx: JobContext, n: number) => unknown>> = {
  step: (ctx, n) => ctx.step(`s${n}`, () => n),
  "a remembered step": (ctx) => ctx.step("once", () => 1),
  "checkpoint.save": (ctx, n) => ctx.checkpoint.save(n),
  "checkpoint.load": (ctx) => ctx.checkpoint.load(z.number()),
  "watermark.load": (ctx) => ctx.watermark().load(),
  "watermark.advance": (ctx, n) => ctx.watermark().advance(n),
  spawn: (ctx) => ctx.spawn("idle"),
  "a failing upstream": (ctx) => ctx.upstream("nobody").catch(() => undefined),
  each: (ctx) => ctx.each(endless, { key: (item) => item }, async () => undefined),
};

test.each(Object.keys(calls))(
  "a stop reaches a handler that loops over %s, and timers go on beside it",
  async (name) => {
    await using fixture = await createWorkerFixture();
    const looping = Promise.withResolvers<void>();
    const job = defineJob({
      name: "loops",
      spawns: ["idle"],
      async execute(ctx) {
        looping.resolve();
        // Bounded, so that a stop that never arrives fails the test instead of keeping it.
        for (let n = 0; n < 200_000; n += 1) {
          await calls[name]?.(ctx, n);
          if (ctx.signal.aborted) throw ctx.signal.reason;
        }
      },
    });
    await fixture.startWorker([job, defineJob({ name: "idle", execute: () => undefined })], { slots: 1 });
    const runId = await fixture.submit(job);
    await looping.promise;
    await fixture.clock.sleep(1);
    await fixture.store.control({ action: "stop", target: { runId }, by: "ada" });
    expect(await fixture.waitFor(runId)).toMatchObject({ state: "ERROR", reason: "stopped" });
  },
);

test("an emergency stop comes through while short runs follow each other without end", async () => {
  await using fixture = await createWorkerFixture();
  const first = Promise.withResolvers<void>();
  let executed = 0;
  const job = defineJob({
    name: "short",
    execute: () => {
      executed += 1;
      first.resolve();
    },
  });
  const submission = (count: number) => ({
    runs: Array.from({ length: count }, () => ({
      job: "short",
      kind: "job" as const,
      params: {},
      tenant: "default",
      createdBy: "test",
    })),
    edges: [],
  });
  const count = 4_000;
  await fixture.store.submit(submission(count));
  await fixture.startWorker([job], { slots: 8 });
  await first.promise;
  await fixture.clock.sleep(1);
  await fixture.store.switchOrchestrator({ action: "emergency_stop", by: "ada" });
  const atStop = executed;
  expect(atStop).toBeLessThan(count / 2);
  await fixture.clock.sleep(50);
  expect(executed).toBeLessThan(atStop + 20);
});
