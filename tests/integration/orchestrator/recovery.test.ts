// Retries, breakers, explanations and the sleep job together, with a real worker on a real store.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { defineJob, type Job } from "../../../src/core/job/job.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import { BreakerBoard } from "../../../src/orchestrator/upkeep/breaker-board.ts";
import { explainWait, type WaitExplanation } from "../../../src/orchestrator/explain/explain-wait.ts";
import { createJobRegistry } from "../../../src/orchestrator/attempt/job-registry.ts";
import { createSleepJob, type SleepReport } from "../../../src/orchestrator/upkeep/sleep-job.ts";
import { toSubmission } from "../../../src/orchestrator/submission/to-submission.ts";
import { waitForRun } from "../../../src/orchestrator/submission/wait-for-run.ts";
import { Worker } from "../../../src/orchestrator/worker/worker.ts";
import { currentProcess } from "../../../src/platforms/local/local-process.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Json } from "../../../src/store/rows/run-records.ts";
import type { Store } from "../../../src/store/store.ts";

const clock = createSystemClock();

/** A service behind the connection `github`, and a job that asks it. */
class Service {
  isDown = true;
  calls = 0;
  readonly job: Job = defineJob({
    name: "pull",
    connections: ["github"],
    retry: { maxRetries: 3, baseDelay: "10ms", jitter: false },
    execute: () => {
      this.calls += 1;
      if (!this.isDown) return { rows: 7 };
      throw Object.assign(new Error("503 from github"), { response: { status: 503 } });
    },
  });
}

async function openOrchestrator(makeJobs: (store: Store) => readonly Job[]): Promise<
  AsyncDisposable & {
    readonly store: Store;
    submit(job: Job, params?: Record<string, Json>): Promise<RunId>;
    why(runId: RunId): Promise<WaitExplanation>;
    until(isSo: () => Promise<boolean>): Promise<void>;
  }
> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-recovery-"));
  const store = await createSqliteStore({ path: join(folder, "store.db") });
  const onError = (error: Error): never => {
    throw error;
  };
  const worker = new Worker({
    store,
    clock,
    onError,
    slots: 4,
    random: () => 0.5,
    registry: createJobRegistry(makeJobs(store)),
    services: {
      serviceProvider: "LOCAL",
      hasSpark: false,
      resolvePath: (path) => path,
      createData: () => {
        throw new Error("these jobs have no data");
      },
    },
    configOf: () => undefined,
    notify: async () => {},
    process: currentProcess(),
    isProcessDead: () => false,
    pollMs: 20,
    windDownMs: 50,
    breakers: new BreakerBoard({ store, clock, onError, breaker: { failures: 2, openFor: "3s" } }),
  });
  await worker.start();
  return {
    store,
    async submit(job, params = {}) {
      const submission = toSubmission(job, { params, tenant: "default", createdBy: "test" });
      return (await store.submit(submission)).rootRunId;
    },
    async why(runId) {
      const facts = await store.findWaitFacts(runId);
      if (facts === undefined) throw new Error("no such run");
      return explainWait(facts);
    },
    async until(isSo) {
      while (!(await isSo())) await clock.sleep(5);
    },
    async [Symbol.asyncDispose]() {
      await worker.stop();
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

test("an outage opens the breaker, runs wait without using up their tries, and the first probe that succeeds lets all go on", async () => {
  const service = new Service();
  await using orchestrator = await openOrchestrator((store) => [service.job, sleepJobOf(store)]);
  const { store } = orchestrator;
  const first = await orchestrator.submit(service.job);
  await orchestrator.until(async () => (await store.findBreaker("github"))?.state === "open");
  expect(service.calls).toBe(2);

  const second = await orchestrator.submit(service.job, { page: 2 });
  const { summary } = await orchestrator.why(second);
  expect(summary).toMatch(/^waits because connection `github` is failing: .*, after: 503 from github$/);
  const report = await waitForRun({ store, clock }, await orchestrator.submit(sleepJobOf(store)));
  expect([report.state, report.reason]).toEqual(["FINISHED", "partial"]);
  expect((report.result as unknown as SleepReport).problems).toContain(
    "connection `github` is failing: 503 from github",
  );

  service.isDown = false;
  for (const runId of [first, second]) {
    const run = await waitForRun({ store, clock }, runId);
    expect([run.state, run.result]).toEqual(["FINISHED", { rows: 7 }]);
  }
  expect(service.calls).toBe(4);
  expect(await store.findBreaker("github")).toMatchObject({ state: "closed", failures: 0 });
  const [retry] = (await store.listEvents(first, 0, 100)).filter(({ type }) => type === "retry_scheduled");
  expect(retry?.data).toMatchObject({ errorClass: "service_unavailable", tier: "fast", retries: 3 });
  const [statistics] = await store.jobStatistics({ sinceMs: 0, job: "pull" });
  expect(statistics).toMatchObject({ finished: 2, failed: 0, retries: 2, records: 14 });
});

test("refused credentials end the run at once, shut the connection for the others and say what to do", async () => {
  const calls: number[] = [];
  const job = defineJob({
    name: "pull",
    connections: ["github"],
    execute: () => {
      calls.push(1);
      throw Object.assign(new Error("bad credentials"), { status: 401 });
    },
  });
  await using orchestrator = await openOrchestrator(() => [job]);
  const failed = await waitForRun({ store: orchestrator.store, clock }, await orchestrator.submit(job));
  expect([failed.state, failed.attempt, failed.error?.errorClass]).toEqual(["ERROR", 1, "authentication"]);
  const why = await orchestrator.why(failed.id);
  expect(why.summary).toBe("failed with `AUTHENTICATION_FAILED`: bad credentials");
  expect(why.remedy).toContain("renew the credentials of the connection");
  const next = await orchestrator.submit(job);
  expect((await orchestrator.why(next)).summary).toContain("connection `github` is failing");
  expect(calls).toHaveLength(1);
});

function sleepJobOf(store: Store): Job {
  return createSleepJob({
    store,
    clock,
    host: "here",
    measureDisks: async () => [],
    recoverLeftovers: async () => {},
    retentionMs: undefined,
  });
}
