// Several processes share one database: none takes another's run, a killed one loses nothing that was acknowledged, and
// what one does another hears of.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { WorkerId } from "../../src/store/rows/run-records.ts";
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import type { StoreChange } from "../../src/store/rows/change-emitter.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres/postgres-test-database.ts";
import { newRun } from "./store/store-fixture.ts";

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await database[Symbol.asyncDispose]();
});

test("processes that open an empty database at once agree on one store, and a run key makes one run", async () => {
  await using empty = await createTestDatabase({ migrated: false });
  const script = `
    const result = await store.submit({ runs: [run], edges: [], runKey: "same" });
    console.log(result.created + " " + result.rootRunId);
    await store[Symbol.asyncDispose]();
  `;
  const lines = (await Promise.all(Array.from({ length: 4 }, () => start(script, empty.url)).map(linesOf))).flat();
  expect(lines.filter((line) => line.startsWith("true"))).toHaveLength(1);
  expect(new Set(lines.map((line) => line.split(" ")[1])).size).toBe(1);
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
    await store[Symbol.asyncDispose]();
  `;
  const lines = (await Promise.all([start(script), start(script)].map(linesOf))).flat();
  expect(new Set(lines).size).toBe(lines.length);
  await using store = await createPostgresStore({ url: database.url });
  const workerId = await store.registerWorker(healer);
  // One may have left while the other still submitted.
  const left = await store.claim({ workerId, limit: 500 });
  await store.settle(left.map(({ runId, epoch }) => ({ runId, epoch, end: "finished" as const, result: null })));
  expect(lines.length + left.length).toBe(200);
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
  await using store = await createPostgresStore({ url: database.url });
  for (let round = 0; round < 3; round += 1) {
    const child = start(script);
    const acknowledged: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === 20 + 13 * round) child.kill("SIGKILL");
    }
    await waitUntil(async () => (await sessionsOf("millrace-child")) === 0);
    expect(await store.verify()).toEqual([]);
    const runs = new Map((await store.listRuns({ limit: 10_000 })).map((run) => [run.id as number, run.state]));
    for (const [word, id] of acknowledged.map((line) => line.split(" "))) {
      if (word === "submitted") expect(runs.has(Number(id))).toBe(true);
      if (word === "finished") expect(runs.get(Number(id))).toBe("FINISHED");
    }
    await store.reap({
      limit: 10_000,
      maxLosses: 9,
      deadWorkerIds: [Number(acknowledged[0]?.split(" ")[1]) as WorkerId],
    });
    await finishEverything(store);
    expect(await store.verify()).toEqual([]);
    expect(await store.listRuns({ state: "PENDING", limit: 1 })).toEqual([]);
    expect(await store.listRuns({ state: "RUNNING", limit: 1 })).toEqual([]);
  }
});

test("another process hears of work within moments, also after its connections were cut", async () => {
  await using store = await createPostgresStore({ url: database.url });
  await using other = await createPostgresStore({ url: database.url });
  let heard = Promise.withResolvers<StoreChange>();
  using _subscription = store.subscribe((change) => heard.resolve(change));
  await waitUntil(async () => (await sessionsOf("millrace-listen")) === 1);
  await other.submit({ runs: [newRun()], edges: [] });
  expect(await heard.promise).toBe("ready");

  heard = Promise.withResolvers();
  await database.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'millrace-listen'",
  );
  // What was missed meanwhile is unknown, so coming back is itself a reason to look.
  expect(await heard.promise).toBe("ready");
  await other.submit({ runs: [newRun()], edges: [] });
  await waitUntil(async () => (await sessionsOf("millrace-listen")) === 1);
});

test("calls go on by themselves when the server cut all connections, and nothing is done twice", async () => {
  await using store = await createPostgresStore({ url: database.url });
  const workerId = await store.registerWorker(healer);
  await store.submit({ runs: Array.from({ length: 200 }, () => newRun()), edges: [] });
  const finished = new Set<number>();
  const errors = new Set<string>();
  const cuts: Promise<unknown>[] = [];
  for (let round = 0; finished.size < 200; round += 1) {
    if (round % 3 === 2) cuts.push(database.query(cutAll));
    try {
      const executing = [] as const;
      const runs = await store.claim({ workerId, limit: 7, executing });
      const { lostRunIds } = await store.settle(
        runs.map(({ runId, epoch }) => ({ runId, epoch, end: "finished" as const, result: null })),
      );
      for (const { runId } of runs) if (!lostRunIds.includes(runId)) finished.add(runId);
    } catch (error) {
      errors.add(error instanceof Error && "code" in error ? String(error.code) : String(error));
    }
    if (round > 20) {
      const ended = await store.listRuns({ state: "FINISHED", limit: 500 }).catch(() => []);
      for (const { id } of ended) finished.add(id);
    }
  }
  // The database goes with the test, and whoever is still connected would hear of it.
  await Promise.all(cuts);
  expect([...errors].filter((code) => code !== "STORE_UNAVAILABLE")).toEqual([]);
  await waitUntil(async () => (await store.verify().catch(() => ["away"])).length === 0);
  expect(await store.listRuns({ state: "FINISHED", limit: 500 })).toHaveLength(200);
});

test("a heartbeat that is stopped before its first beat ends with that, and does not wait for the second", async () => {
  await using store = await createPostgresStore({ url: database.url });
  const ttlMs = 3_600_000;
  const workerId = await store.registerWorker({ ...healer, ttlMs });
  const onLost = vi.fn<() => void>();
  const heartbeat = store.startHeartbeat({ workerId, ttlMs, wedgedAfterMs: ttlMs, onLost });
  await heartbeat[Symbol.asyncDispose]();
  expect(onLost).not.toHaveBeenCalled();
});

test("a heartbeat goes on while the main thread is blocked, and stops with a worker that is dead", async () => {
  await using store = await createPostgresStore({ url: database.url });
  const workerId = await store.registerWorker({ ...healer, ttlMs: 1_000 });
  const lost = Promise.withResolvers<string>();
  await using _heartbeat = store.startHeartbeat({
    workerId,
    ttlMs: 1_000,
    wedgedAfterMs: 60_000,
    onLost: () => lost.resolve("lost"),
  });
  await waitUntil(async () => (await sessionsOf("millrace-heartbeat")) === 1);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500);
  expect(await store.reap({ limit: 10, deadWorkerIds: [], maxLosses: 3 })).toEqual([]);
  expect((await store.listWorkers()).map((worker) => worker.workerId)).toEqual([workerId]);

  await database.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'millrace-heartbeat'",
  );
  await store.reap({ limit: 10, deadWorkerIds: [workerId], maxLosses: 3 });
  expect(await lost.promise).toBe("lost");
});

const healer = {
  name: "healer",
  ttlMs: 60_000,
  process: { host: "h", bootId: "b", pid: 2, startTicks: "2" },
} as const;

const cutAll = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name = 'millrace'`;

async function finishEverything(store: Awaited<ReturnType<typeof createPostgresStore>>): Promise<void> {
  const workerId = await store.registerWorker(healer);
  for (;;) {
    const runs = await store.claim({ workerId, limit: 100 });
    if (runs.length === 0) break;
    await store.settle(runs.map(({ runId, epoch }) => ({ runId, epoch, end: "finished" as const, result: null })));
  }
  await store.retireWorker(workerId);
}

/** Counts sessions that have asked something: one that has only just connected does not listen yet. */
async function sessionsOf(application: string): Promise<number> {
  const sql = `select count(*)::int as sessions from pg_stat_activity
    where datname = current_database() and application_name = $1 and state = 'idle' and query <> ''`;
  const [row] = await database.query(sql, application);
  return Number(row?.["sessions"]);
}

async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  const deadlineAt = performance.now() + 15_000;
  while (!(await holds())) {
    if (performance.now() > deadlineAt) throw new Error("it did not come true within 15 s");
  }
}

type StoreProcess = ChildProcess & { readonly stdout: NodeJS.ReadableStream };

function start(script: string, url = database.url): StoreProcess {
  const source = new URL("../../src/store/postgres/postgres-store.ts", import.meta.url).href;
  const prelude = `
    const { createPostgresStore } = await import(${JSON.stringify(source)});
    const store = await createPostgresStore({ url: ${JSON.stringify(url)} });
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
