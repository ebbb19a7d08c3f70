import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { defineJob } from "../../../src/core/job/job.ts";
import { createJobRegistry } from "../../../src/orchestrator/attempt/job-registry.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import { jobIn, jobsIn, locateHere } from "../../support/workers/isolated-jobs.ts";
import { createWorkerFixture, type WorkerFixture } from "../../support/workers/worker-fixture.ts";

const wholeGraceMs = 50 + 1_000;

describe.each(["thread", "process"] as const)("in a %s of its own", (isolation) => {
  const job = (name: string) => jobIn(isolation, name);
  const start = async (maxHeapMb?: number): Promise<WorkerFixture> => {
    const fixture = await createWorkerFixture();
    await fixture.startWorker(jobsIn(isolation), {
      locate: locateHere,
      slots: 4,
      ...(maxHeapMb === undefined ? {} : { maxHeapMb }),
    });
    return fixture;
  };

  test("a job has the whole context, and what it did is measured", async () => {
    await using fixture = await start();
    const runId = await fixture.submit(job("everything"));
    const run = await fixture.waitFor(runId);
    expect(run).toMatchObject({
      state: "FINISHED",
      reason: "partial",
      progress: { operation: "reading" },
      result: {
        path: "/project/a.txt",
        attempt: 1,
        token: "t1",
        done: 1,
        failed: 1,
        checkpoint: { at: 7 },
        version: 1,
        read: 1,
        unknown: "JOB_UNKNOWN",
      },
    });
    const breach = 'metric `numbers{from="here"}` is 3 rows, expected at most 2';
    expect(await logsOf(fixture, runId)).toEqual(["begins", breach, "ended well"]);
    expect(await fixture.store.listRunMetrics(runId)).toMatchObject([
      { name: "numbers", value: 3, unit: "rows", labels: { from: "here" }, breach: "warn", attempt: 1 },
    ]);
    const [attempt] = await fixture.store.listAttempts(runId);
    expect(attempt?.metrics).toMatchObject({ shared: false, storeCalls: expect.any(Number) });
    expect(attempt?.metrics?.cpuMs).toBeGreaterThan(0);
    expect(attempt?.metrics?.peakMemoryBytes).toBeGreaterThan(1_000_000);
    expect(attempt?.code).toMatch(/^[0-9a-f]{16}$/);
  });

  test("errors come back as what they were, and are tried again by their disposition", async () => {
    await using fixture = await start();
    const run = await fixture.waitFor(await fixture.submit(job("fails")));
    expect(run).toMatchObject({
      state: "ERROR",
      attempt: 2,
      error: { code: "RATE_LIMITED", message: "slow down", hint: "wait", errorClass: "rate_limit" },
    });
    expect(await logsOf(fixture, run.id)).toEqual(["heard RATE_LIMITED", "heard RATE_LIMITED"]);
    expect(await fixture.waitFor(await fixture.submit(job("some")))).toMatchObject({
      state: "FINISHED",
      reason: "partial",
      result: { rows: 1 },
    });
  });

  test("stop lets a handler wind down and says who stopped it", async () => {
    await using fixture = await start();
    const runId = await fixture.submit(job("winds_down"));
    await waitForLog(fixture, runId, "waits");
    await fixture.store.control({ action: "stop", target: { runId }, by: "ada", reason: "wrong day" });
    expect(await fixture.waitFor(runId)).toMatchObject({ state: "ERROR", reason: "stopped", attempt: 1 });
    expect(await logsOf(fixture, runId)).toContainEqual(expect.stringMatching(/^leaves: .*by ada: wrong day$/));
  });

  test("stop, force stop and a timeout kill a loop without an end", async () => {
    await using fixture = await start();
    const [stopped, forced] = [
      await fixture.submit(job("spins")),
      await fixture.submit(job("spins"), { file: join(fixture.folder, "pid") }),
    ];
    for (const runId of [stopped, forced]) await waitForLog(fixture, runId, "spins");
    const atMs = performance.now();
    await fixture.store.control({ action: "stop", target: { runId: stopped }, by: "ada" });
    await fixture.store.control({ action: "force_stop", target: { runId: forced }, by: "ada" });
    expect(await fixture.waitFor(stopped)).toMatchObject({ state: "ERROR", reason: "stopped" });
    // Up to a second until the worker hears of it.
    expect(performance.now() - atMs).toBeLessThan(1_000 + wholeGraceMs);
    expect(await fixture.waitFor(forced)).toMatchObject({ state: "ERROR", reason: "force_stopped" });
    if (isolation === "process") await untilGone(fixture, Number(await readFile(join(fixture.folder, "pid"), "utf8")));
    expect(await fixture.waitFor(await fixture.submit(job("spins_too_long")))).toMatchObject({
      state: "ERROR",
      reason: "timed_out",
      error: { code: "JOB_TIMED_OUT" },
    });
    expect(await fixture.store.verify()).toEqual([]);
  });

  test("pause lets a handler yield at its checkpoint, and resume enters it again", async () => {
    await using fixture = await start();
    const runId = await fixture.submit(job("pauses"));
    await waitForLog(fixture, runId, "works");
    await fixture.store.control({ action: "pause", target: { runId }, by: "ada" });
    while ((await fixture.store.listAttempts(runId)).length === 0) await fixture.clock.sleep(5);
    expect(await fixture.store.findRun(runId)).toMatchObject({ state: "PAUSED" });
    await fixture.store.control({ action: "resume", target: { runId }, by: "ada" });
    expect(await fixture.waitFor(runId)).toMatchObject({ state: "FINISHED", attempt: 1 });
    expect((await fixture.store.listAttempts(runId)).map(({ end }) => end)).toEqual(["paused", "finished"]);
  });

  test("one that ends by itself fails its attempt and leaves the worker alone", async () => {
    await using fixture = await start(64);
    const how = {
      exits: /exit code 7/,
      eats: isolation === "thread" ? /memory/ : /signal SIG(ABRT|TRAP|ILL)|exit code/,
    };
    for (const [name, message] of Object.entries(how)) {
      expect(await fixture.waitFor(await fixture.submit(job(name)))).toMatchObject({
        state: "ERROR",
        error: { code: "ISOLATE_DIED", message: expect.stringMatching(message), disposition: "retry" },
      });
    }
    const aside = await fixture.waitFor(await fixture.submit(job("throws_aside")));
    expect(aside).toMatchObject({ state: "ERROR", error: { code: "JOB_FAILED", causes: ["nobody caught this"] } });
    expect(await fixture.waitFor(await fixture.submit(job("empty")))).toMatchObject({ state: "FINISHED" });
    expect(fixture.errors).toEqual([]);
  });

  test("floods and results without measure stay bounded", async () => {
    await using fixture = await start();
    const flood = await fixture.waitFor(await fixture.submit(job("floods")));
    expect(flood).toMatchObject({ state: "FINISHED", progress: { done: 49_999 } });
    const lines = await logsOf(fixture, flood.id);
    expect(lines.length).toBeLessThan(5_000);
    expect(lines.some((line) => /log lines were dropped/.test(line))).toBe(true);
    expect(await fixture.waitFor(await fixture.submit(job("huge")))).toMatchObject({
      state: "ERROR",
      error: { code: "JOB_RESULT_INVALID" },
    });
  });

  test("a worker that stops gives the run back and nothing of it runs on", async () => {
    await using fixture = await createWorkerFixture();
    const worker = await fixture.startWorker(jobsIn(isolation), { locate: locateHere });
    const runId = await fixture.submit(job("winds_down"));
    await waitForLog(fixture, runId, "waits");
    await worker.stop();
    expect(await fixture.store.findRun(runId)).toMatchObject({ state: "PENDING", attempt: 0 });
  });
});

test("a process that a signal ended is told by it, and its own children end with it", async () => {
  await using fixture = await createWorkerFixture();
  await fixture.startWorker(jobsIn("process"), { locate: locateHere });
  const crashed = await fixture.waitFor(await fixture.submit(jobIn("process", "crashes")));
  expect(crashed.error?.message).toBe("process of job `crashes` ended by itself: signal SIGSEGV");
  const file = join(fixture.folder, "pids");
  const runId = await fixture.submit(jobIn("process", "has_children"), { file });
  await waitForLog(fixture, runId, "spins");
  const pids = (await readFile(file, "utf8")).split(" ").map(Number);
  await fixture.store.control({ action: "force_stop", target: { runId }, by: "ada" });
  for (const pid of pids) await untilGone(fixture, pid);
});

test("when a worker is killed its processes end with it, in the middle of a loop without an end", async () => {
  await using fixture = await createWorkerFixture();
  const program = fileURLToPath(new URL("../../support/workers/isolating-worker.ts", import.meta.url));
  const flags = ["--disable-warning=ExperimentalWarning"];
  const worker = spawn(process.execPath, [...flags, program, fixture.folder, "has_children"], { stdio: "inherit" });
  const exited = new Promise((resolve) => worker.once("exit", resolve));
  const pids = await readPids(fixture, join(fixture.folder, "pids"));
  expect(pids.every(isAlive)).toBe(true);
  worker.kill("SIGKILL");
  await exited;
  for (const pid of pids) await untilGone(fixture, pid);
});

test("a job in no file is refused for a thread or process when it is registered", () => {
  const job = defineJob({ name: "here", isolation: "thread", execute: () => 1 });
  expect(() => createJobRegistry([job])).toThrowError(
    "expected job `here` to be in a file that a thread of its own can load, got: one defined by this program",
  );
  expect(createJobRegistry([job], { locate: locateHere }).names).toEqual(new Set(["here"]));
});

async function readPids(fixture: WorkerFixture, file: string): Promise<number[]> {
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (text.includes(" ")) return text.split(" ").map(Number);
    await fixture.clock.sleep(5);
  }
}

async function logsOf(fixture: WorkerFixture, runId: RunId): Promise<string[]> {
  return (await fixture.store.listLogs(runId, 0, 100_000)).map(({ message }) => message);
}

async function waitForLog(fixture: WorkerFixture, runId: RunId, message: string): Promise<void> {
  while (!(await logsOf(fixture, runId)).includes(message)) await fixture.clock.sleep(5);
}

async function untilGone(fixture: WorkerFixture, pid: number): Promise<void> {
  while (isAlive(pid)) await fixture.clock.sleep(5);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
