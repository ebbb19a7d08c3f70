// Runs that were aboard when a worker died, in the hands of the next worker: they wait for their place, and hear of a stop meanwhile.
import { expect, test } from "vitest";
import { defineJob, type Job } from "../../../src/core/job/job.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import { sleepJobName } from "../../../src/core/job/built-in-job-names.ts";
import { createSleepJob } from "../../../src/orchestrator/upkeep/sleep-job.ts";
import { jobIn, jobsIn, locateHere } from "../../support/workers/isolated-jobs.ts";
import { createWorkerFixture, type WorkerFixture } from "../../support/workers/worker-fixture.ts";

test("a suspect that waits until it is alone can be stopped, and then never begins", async () => {
  await using fixture = await createWorkerFixture();
  const begun: string[] = [];
  const gate = Promise.withResolvers<void>();
  const suspect = defineJob({ name: "suspect", execute: () => void begun.push("suspect") });
  const long = defineJob({ name: "long", priority: 1, execute: () => gate.promise });
  const suspectId = await fixture.submit(suspect);
  await loseWorkerOf(fixture, [suspect]);
  const longId = await fixture.submit(long);
  await fixture.startWorker([suspect, long]);
  await fixture.waitForEvent(longId, "started");
  await waitForLog(fixture, suspectId, "waits until nothing executes beside it");
  await fixture.store.control({ action: "stop", target: { runId: suspectId }, by: "ada" });
  expect(await fixture.waitFor(suspectId)).toMatchObject({ state: "ERROR", reason: "stopped" });
  gate.resolve();
  expect((await fixture.waitFor(longId)).state).toBe("FINISHED");
  expect(begun).toEqual([]);
});

test("suspects that wait for a process of their own when their worker stops start none", async () => {
  await using fixture = await createWorkerFixture();
  const hold = jobIn("process", "winds_down");
  const runIds: RunId[] = [];
  for (let count = 0; count < 8; count += 1) {
    runIds.push(await fixture.submit(hold, { file: String(count) }));
  }
  await loseWorkerOf(fixture, [hold]);
  let launched = 0;
  const onLaunch = (): void => void (launched += 1);
  const worker = await fixture.startWorker(jobsIn("process"), { locate: locateHere, slots: 8, onLaunch });
  for (const runId of runIds) await waitForLog(fixture, runId, "executes in a process of its own");
  await worker.stop();
  // four at a time, and a spare one
  expect(launched).toBeLessThanOrEqual(5);
  const attempts = (await Promise.all(runIds.map((runId) => fixture.store.listAttempts(runId)))).flat();
  expect(attempts.filter(({ end }) => end === "released")).toHaveLength(8);
});

test("the orchestrator's own housekeeping is no suspect, so a worker goes on beside it", async () => {
  await using fixture = await createWorkerFixture();
  const { store, clock } = fixture;
  const housekeeping = createSleepJob({
    store,
    clock,
    host: "here",
    retentionMs: 1,
    recoverLeftovers: async () => undefined,
    measureDisks: async () => [],
  });
  const gate = Promise.withResolvers<void>();
  const long = defineJob({ name: "long", priority: 1, execute: () => gate.promise });
  const runId = await fixture.submit(housekeeping);
  await loseWorkerOf(fixture, [housekeeping]);
  const longId = await fixture.submit(long);
  await fixture.startWorker([housekeeping, long]);
  await fixture.waitForEvent(longId, "started");
  expect(await fixture.waitFor(runId)).toMatchObject({ state: "FINISHED", job: sleepJobName });
  gate.resolve();
  await fixture.waitFor(longId);
});

/** All that is ready is aboard of a worker that dies. */
async function loseWorkerOf({ store }: WorkerFixture, jobs: readonly Job[]): Promise<void> {
  const process = { host: "elsewhere", bootId: "b", pid: 1, startTicks: "1" };
  const workerId = await store.registerWorker({ name: "lost", ttlMs: 60_000, process });
  const names = new Set(jobs.map(({ name }) => name));
  const claimed = await store.claim({ workerId, limit: 100, jobs: names });
  expect(await store.reap({ limit: 100, deadWorkerIds: [workerId], maxLosses: 10 })).toHaveLength(claimed.length);
}

async function waitForLog({ store, clock }: WorkerFixture, runId: RunId, beginning: string): Promise<void> {
  const isThere = async (): Promise<boolean> =>
    (await store.listLogs(runId, 0, 100)).some(({ message }) => message.startsWith(beginning));
  while (!(await isThere())) await clock.sleep(5);
}
