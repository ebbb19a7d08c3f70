// A run loses nothing when the store cannot be reached while the code around its handler needs it.
import { expect, test } from "vitest";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { defineJob } from "../../../src/core/job/job.ts";
import type { WorkerId } from "../../../src/store/rows/run-records.ts";
import { createWorkerFixture, type WorkerFixture } from "../../support/workers/worker-fixture.ts";

test("a store that is away when a retry begins costs the run nothing: it goes back and is tried again", async () => {
  await using fixture = await createWorkerFixture();
  let tries = 0;
  const flaky = defineJob({
    name: "flaky",
    retry: { maxRetries: 1, baseDelay: "1ms", jitter: false },
    execute: () => {
      tries += 1;
      if (tries === 1) throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
      return tries;
    },
  });
  const listAttempts = fixture.store.listAttempts.bind(fixture.store);
  let refusals = 0;
  fixture.store.listAttempts = async (runId) => {
    refusals += 1;
    if (refusals <= 2) throw new MillraceError("STORE_UNAVAILABLE", "store cannot be reached");
    return await listAttempts(runId);
  };
  await fixture.startWorker([flaky]);
  const runId = await fixture.submit(flaky);
  expect(await fixture.waitFor(runId)).toMatchObject({ state: "FINISHED", attempt: 2, result: 2 });
});

test.each(["saveSteps", "loadStep", "saveCheckpoint", "saveUnits", "findWatermark"] as const)(
  "a store that is away for `%s` inside an attempt puts the run back at once, and uses up no retry",
  async (method) => {
    await using fixture = await createWorkerFixture();
    const failures: string[] = [];
    const job = defineJob({
      name: "diligent",
      retry: { maxRetries: 0 },
      async execute(ctx) {
        await ctx.watermark().load();
        await ctx.step("one", () => 1);
        await ctx.checkpoint.save(1);
        await ctx.each(["a"], { key: String }, async () => undefined);
        return ctx.run.attempt;
      },
      onFailure: (_ctx, error) => void failures.push(error.code),
    });
    const answer = fixture.store[method].bind(fixture.store) as (...given: readonly unknown[]) => Promise<unknown>;
    let refusals = 0;
    Object.assign(fixture.store, {
      [method]: async (...given: readonly unknown[]) => {
        refusals += 1;
        if (refusals <= 2) throw new MillraceError("STORE_UNAVAILABLE", "store cannot be reached");
        return await answer(...given);
      },
    });
    // Only another claim than the first looks for steps of an attempt before it.
    const runId = await fixture.submit(job);
    const [taken] = await fixture.store.claim({ workerId: await registerOther(fixture), limit: 1 });
    if (taken !== undefined) await fixture.store.settle([{ ...taken, end: "released" }]);
    await fixture.startWorker([job]);
    expect(await fixture.waitFor(runId)).toMatchObject({ state: "FINISHED", attempt: 1, result: 1 });
    expect(failures).toEqual([]);
    const attempts = await fixture.store.listAttempts(runId);
    expect(attempts.map(({ end }) => end)).toEqual(["released", "released", "released", "finished"]);
  },
);

async function registerOther({ store }: WorkerFixture): Promise<WorkerId> {
  const process = { host: "other", bootId: "b", pid: 1, startTicks: "1" };
  return await store.registerWorker({ name: "other", ttlMs: 60_000, process });
}
