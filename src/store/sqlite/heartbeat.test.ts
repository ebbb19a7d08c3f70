// Real time, because the thread has no clock to move: the time-to-live is short and what is waited for is polled.
import { mkdtemp, rm } from "node:fs/promises";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { WorkerId } from "../rows/run-records.ts";
import type { Store } from "../store.ts";
import type { Heartbeat } from "../claim/work-store.ts";
import { createSqliteStore } from "./sqlite-store.ts";

const ttlMs = 500;
const wait = { timeout: 5_000, interval: 5 };

let folder: string;
let path: string;
let store: Store;
let workerId: WorkerId;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-heartbeat-"));
  path = join(folder, "store.db");
  store = await createSqliteStore({ path });
  workerId = await store.registerWorker({
    name: "w",
    ttlMs,
    process: { host: "h", bootId: "b", pid: 1, startTicks: "1" },
  });
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test("a blocked main thread does not lose its worker", async () => {
  const onLost = vi.fn<() => void>();
  await using _heartbeat = await beating({ wedgedAfterMs: 10_000, onLost });
  block(2 * ttlMs);
  expect((await lifeLeftMs()) ?? 0).toBeGreaterThan(0);
  await reap();
  expect(await lifeLeftMs()).toBeDefined();
  expect(onLost).not.toHaveBeenCalled();
});

test("a wedged main thread does lose its worker, and is told when it comes back", async () => {
  const lost = Promise.withResolvers<void>();
  await using _heartbeat = await beating({ wedgedAfterMs: 100, onLost: lost.resolve });
  block(100 + 2 * ttlMs);
  expect((await lifeLeftMs()) ?? 0).toBeLessThan(0);
  await reap();
  expect(await lifeLeftMs()).toBeUndefined();
  await lost.promise;
});

test("a main thread that comes back before anybody noticed goes on", async () => {
  const onLost = vi.fn<() => void>();
  await using _heartbeat = await beating({ wedgedAfterMs: 100, onLost });
  block(100 + 2 * ttlMs);
  await vi.waitFor(async () => expect((await lifeLeftMs()) ?? 0).toBeGreaterThan(0), wait);
  expect(onLost).not.toHaveBeenCalled();
});

test("a worker that was declared dead is told so once", async () => {
  const lost = Promise.withResolvers<void>();
  const onLost = vi.fn<() => void>(lost.resolve);
  const heartbeat = await beating({ wedgedAfterMs: 10_000, onLost });
  await store.reap({ limit: 1, deadWorkerIds: [workerId], maxLosses: 3 });
  await lost.promise;
  await heartbeat[Symbol.asyncDispose]();
  expect(onLost).toHaveBeenCalledTimes(1);
});

test("a retired worker's heartbeat ends without a word", async () => {
  const onLost = vi.fn<() => void>();
  const heartbeat = await beating({ wedgedAfterMs: 10_000, onLost });
  await store.retireWorker(workerId);
  await heartbeat[Symbol.asyncDispose]();
  await heartbeat[Symbol.asyncDispose]();
  expect(onLost).not.toHaveBeenCalled();
});

test("a heartbeat whose store is gone is lost", async () => {
  const lost = Promise.withResolvers<void>();
  const other = await createSqliteStore({ path: join(folder, "other", "store.db") });
  await other[Symbol.asyncDispose]();
  await rm(join(folder, "other"), { recursive: true });
  await using _heartbeat = other.startHeartbeat({ workerId, ttlMs, wedgedAfterMs: 10_000, onLost: lost.resolve });
  await lost.promise;
});

test("a heartbeat does not keep its process alive", async () => {
  const source = new URL("./sqlite-store.ts", import.meta.url).href;
  const script = `
    const { createSqliteStore } = await import(${JSON.stringify(source)});
    const store = await createSqliteStore({ path: ${JSON.stringify(path)} });
    store.startHeartbeat({ workerId: ${workerId}, ttlMs: 60000, wedgedAfterMs: 60000, onLost() { process.exitCode = 3; } });
    process.exitCode = 7;
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: "ignore" });
  const [exitCode] = await once(child, "exit");
  expect(exitCode).toBe(7);
});

test("a time that is no positive number is refused", () => {
  const start = (): Heartbeat =>
    store.startHeartbeat({ workerId, ttlMs: 0, wedgedAfterMs: 1, onLost: () => undefined });
  expect(start).toThrow("expected `ttlMs` to be a positive number, got: `0`");
});

// A heartbeat after its first beat, which puts the end of life further away than registering did.
async function beating(options: { wedgedAfterMs: number; onLost: () => void }): Promise<Heartbeat> {
  const [registered] = await store.listWorkers();
  const heartbeat = store.startHeartbeat({ workerId, ttlMs, ...options });
  await vi.waitFor(async () => {
    const [worker] = await store.listWorkers();
    expect(worker?.expiresAtMs).toBeGreaterThan(registered?.expiresAtMs ?? Infinity);
  }, wait);
  return heartbeat;
}

// Undefined when the worker is out of service.
async function lifeLeftMs(): Promise<number | undefined> {
  const worker = (await store.listWorkers()).find((candidate) => candidate.workerId === workerId);
  return worker === undefined ? undefined : worker.expiresAtMs - Date.now();
}

async function reap(): Promise<void> {
  await store.reap({ limit: 1, deadWorkerIds: [], maxLosses: 3 });
}

function block(durationMs: number): void {
  const untilMs = performance.now() + durationMs;
  while (performance.now() < untilMs);
}
