// Several processes share one store file: none takes another's run, a killed one loses nothing that was acknowledged.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { WorkerId } from "../../src/store/rows/run-records.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-processes-"));
  path = join(folder, "store.db");
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("processes that open a new file at once agree on one store, and a run key makes one run", async () => {
  const script = `
    const result = await store.submit({ runs: [run], edges: [], runKey: "same" });
    console.log(result.created + " " + result.rootRunId);
  `;
  const children = Array.from({ length: 4 }, () => start(script));
  const lines = (await Promise.all(children.map(linesOf))).flat();
  expect(lines.sort()).toEqual(["false 1", "false 1", "false 1", "true 1"]);
});

test("two processes share the work without a run being done twice", async () => {
  const script = `
    const workerId = await store.registerWorker({ name: "w", ttlMs: 60000, process: identity });
    for (let count = 0; count < 100; count += 1) await store.submit({ runs: [run], edges: [] });
    for (;;) {
      const runs = await store.claim({ workerId, limit: 3 });
      if (runs.length === 0) break;
      const ends = runs.map(({ runId, epoch }) => ({ runId, epoch, end: "finished", result: null }));
      const { lostRunIds } = await store.settle(ends);
      if (lostRunIds.length > 0) console.log("lost");
      for (const { runId } of runs) console.log(runId);
    }
  `;
  const lines = (await Promise.all([start(script), start(script)].map(linesOf))).flat();
  expect(lines.map(Number).sort((left, right) => left - right)).toEqual(
    Array.from({ length: 200 }, (_, index) => index + 1),
  );
  await using store = await createSqliteStore({ path });
  expect(await store.verify()).toEqual([]);
  expect(await store.listRuns({ state: "FINISHED", limit: 500 })).toHaveLength(200);
});

test("a process that is killed in the middle loses nothing that it acknowledged, and its runs go on", async () => {
  const script = `
    const workerId = await store.registerWorker({ name: "w", ttlMs: 60000, process: identity });
    console.log("worker " + workerId);
    for (;;) {
      const { rootRunId } = await store.submit({ runs: [run, run], edges: [{ parent: 0, child: 1, onUpstreamFailure: "cancel" }] });
      console.log("submitted " + rootRunId);
      const [first] = await store.claim({ workerId, limit: 1 });
      await store.saveCheckpoint(first, { page: 1 });
      await store.settle([{ runId: first.runId, epoch: first.epoch, end: "finished", result: null }]);
      console.log("finished " + first.runId);
      await store.claim({ workerId, limit: 1 });
    }
  `;
  for (let round = 0; round < 3; round += 1) {
    const child = start(script);
    const acknowledged: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === 20 + 13 * round) child.kill("SIGKILL");
    }
    await using store = await createSqliteStore({ path });
    expect(await store.verify()).toEqual([]);
    for (const [word, id] of acknowledged.map((line) => line.split(" "))) {
      const run = (await store.listRuns({ limit: 10_000 })).find((candidate) => candidate.id === Number(id));
      if (word === "submitted") expect(run).toBeDefined();
      if (word === "finished") expect(run?.state).toBe("FINISHED");
    }
    await finishEverything(store, Number(acknowledged[0]?.split(" ")[1]) as WorkerId);
    expect(await store.verify()).toEqual([]);
    expect(await store.listRuns({ state: "PENDING", limit: 1 })).toEqual([]);
    expect(await store.listRuns({ state: "RUNNING", limit: 1 })).toEqual([]);
  }
});

async function finishEverything(store: Awaited<ReturnType<typeof createSqliteStore>>, dead: WorkerId): Promise<void> {
  await store.reap({ limit: 10_000, deadWorkerIds: [dead], maxLosses: 9 });
  const process = { host: "h", bootId: "b", pid: 2, startTicks: "2" };
  const workerId = await store.registerWorker({ name: "healer", ttlMs: 60_000, process });
  for (;;) {
    const runs = await store.claim({ workerId, limit: 100 });
    if (runs.length === 0) break;
    await store.settle(runs.map(({ runId, epoch }) => ({ runId, epoch, end: "finished" as const, result: null })));
  }
  await store.retireWorker(workerId);
}

type StoreProcess = ChildProcess & { readonly stdout: NodeJS.ReadableStream };

function start(script: string): StoreProcess {
  const source = new URL("../../src/store/sqlite/sqlite-store.ts", import.meta.url).href;
  const prelude = `
    const { createSqliteStore } = await import(${JSON.stringify(source)});
    const store = await createSqliteStore({ path: ${JSON.stringify(path)} });
    const run = { job: "job", kind: "job", params: {}, tenant: "t", createdBy: "test" };
    const identity = { host: "h", bootId: "b", pid: process.pid, startTicks: "1" };
  `;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", prelude + script];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
}

async function linesOf(child: StoreProcess): Promise<string[]> {
  const exited = once(child, "exit");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  expect(await exited).toEqual([0, null]);
  return lines;
}
