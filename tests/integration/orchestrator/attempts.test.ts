import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { defineJob } from "../../../src/core/job/job.ts";
import { createWorkerFixture } from "../../support/workers/worker-fixture.ts";

test("an attempt in the worker knows what it used: processor, memory, its own requests and calls of the store", async () => {
  await using fixture = await createWorkerFixture();
  await using cleanup = new AsyncDisposableStack();
  const server = createServer((request, response) => {
    request.resume();
    response.end("0123456789");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.defer(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const loud = defineJob({
    name: "loud",
    async execute(ctx) {
      await ctx.step("a", () => 1);
      const fetchOnce = async (): Promise<void> => {
        const answer = await fetch(url, { method: "POST", body: "abc", headers: { connection: "close" } });
        await answer.text();
      };
      await fetchOnce();
      await fetchOnce();
    },
  });
  const burns = defineJob({
    name: "burns",
    execute: () => {
      const until = performance.now() + 30;
      while (performance.now() < until);
    },
  });
  await fixture.startWorker([loud, burns]);
  const loudRun = await fixture.waitFor(await fixture.submit(loud));
  const burnsRun = await fixture.waitFor(await fixture.submit(burns));
  expect(loudRun.error).toBeUndefined();
  const [metrics, burnt] = (await Promise.all([loudRun, burnsRun].map(({ id }) => fixture.store.listAttempts(id)))).map(
    ([attempt]) => attempt?.metrics,
  );
  expect(metrics).toMatchObject({ networkRequests: 2, networkBytesIn: 20, networkBytesOut: 6 });
  expect(metrics?.storeCalls).toBeGreaterThanOrEqual(1);
  expect(metrics?.peakMemoryBytes).toBeGreaterThan(10_000_000);
  expect(burnt?.cpuMs).toBeGreaterThan(10);
  expect(burnt?.networkRequests).toBeUndefined();
});

test("attempts that shared the process say so", async () => {
  await using fixture = await createWorkerFixture();
  const both = Promise.withResolvers<void>();
  let entered = 0;
  const pair = defineJob({
    name: "pair",
    execute: async () => {
      entered += 1;
      if (entered === 2) both.resolve();
      await both.promise;
    },
  });
  const alone = defineJob({ name: "alone", execute: () => 1 });
  await fixture.startWorker([pair, alone]);
  const runs = [await fixture.submit(pair, { n: 1 }), await fixture.submit(pair, { n: 2 })];
  for (const runId of runs) await fixture.waitFor(runId);
  const last = await fixture.submit(alone);
  await fixture.waitFor(last);
  const shared = await Promise.all(
    [...runs, last].map(async (runId) => (await fixture.store.listAttempts(runId))[0]?.metrics?.shared),
  );
  expect(shared).toEqual([true, true, undefined]);
});

test("code that changed between two attempts is told in the history and the log, and the run goes on", async () => {
  await using fixture = await createWorkerFixture();
  const retry = { maxRetries: 3, baseDelay: "1ms", jitter: false } as const;
  const before = defineJob({
    name: "changing",
    retry: { ...retry, baseDelay: "300ms" },
    execute: () => {
      throw Object.assign(new Error("first version"), { code: "ECONNRESET" });
    },
  });
  const after = defineJob({ name: "changing", retry, execute: () => "second version" });
  const first = await fixture.startWorker([before]);
  const runId = await fixture.submit(before);
  while ((await fixture.store.listAttempts(runId)).length === 0) await fixture.clock.sleep(2);
  await first.stop();
  await fixture.startWorker([after]);
  expect(await fixture.waitFor(runId)).toMatchObject({ state: "FINISHED", attempt: 2, result: "second version" });
  const codes = (await fixture.store.listAttempts(runId)).map(({ code }) => code);
  expect(new Set(codes).size).toBe(2);
  const events = await fixture.store.listEvents(runId, 0, 100);
  expect(events).toContainEqual(
    expect.objectContaining({ type: "code_changed", data: { from: codes[0], to: codes[1] } }),
  );
  expect(await fixture.store.listLogs(runId, 0, 10)).toMatchObject([
    { level: "warn", message: "the code of job `changing` changed since the last attempt" },
  ]);
});

test("results, log lines and fields of 50 MB, and a flood of lines, are refused or cut and told", async () => {
  await using fixture = await createWorkerFixture();
  const large = "x".repeat(50_000_000);
  const result = defineJob({ name: "result", execute: () => large });
  const lines = defineJob({
    name: "lines",
    execute: (ctx) => {
      ctx.log.info(large, { large });
      for (let line = 0; line < 20_000; line += 1) ctx.log.info(`line ${line}`);
    },
  });
  await fixture.startWorker([result, lines]);
  await expect(fixture.submit(lines, { large })).rejects.toMatchObject({ code: "PARAMS_INVALID" });
  expect(await fixture.waitFor(await fixture.submit(result))).toMatchObject({
    state: "ERROR",
    error: { code: "JOB_RESULT_INVALID" },
  });
  const run = await fixture.waitFor(await fixture.submit(lines));
  const logs = await fixture.store.listLogs(run.id, 0, 100_000);
  expect(logs).toHaveLength(1_001);
  expect(logs[0]?.message).toMatch(/^x{8192}… \(50000000 characters\)$/);
  expect(logs[0]?.fields).toEqual({ dropped: "50000012 characters of fields" });
  expect(logs.at(-1)?.message).toBe("19001 log lines were dropped: more than could be written");
});
