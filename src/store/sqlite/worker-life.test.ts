// Workers live by a clock that nobody can change. The wall clock is faked; the machine's own goes on by itself.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RunId } from "../../core/run-id.ts";
import type { WorkerId } from "../rows/run-records.ts";
import type { Store } from "../store.ts";
import { createSqliteStore } from "./sqlite-store.ts";

const dayMs = 24 * 3_600_000;
const oneRun = { runs: [{ job: "job", kind: "job" as const, params: {}, tenant: "t", createdBy: "test" }], edges: [] };

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-life-"));
  path = join(folder, "store.db");
});

afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

test.each([dayMs, -dayMs])(
  "a jump of the wall clock by %s ms takes nothing from a worker that lives",
  async (jumpMs) => {
    await using store = await createSqliteStore({ path, bootId: "boot" });
    const workerId = await register(store, 60_000);
    const runId = await claimOne(store, workerId);
    jump(jumpMs);
    expect(await reap(store)).toEqual([]);
    await using other = await createSqliteStore({ path, bootId: "boot" });
    expect(await reap(other)).toEqual([]);
    expect((await store.findRun(runId))?.state).toBe("RUNNING");
    await store.submit(oneRun);
    expect(await store.claim({ workerId, limit: 1 })).toHaveLength(1);
    jump(-jumpMs);
    expect(await reap(store)).toEqual([]);
    expect(await store.verify()).toEqual([]);
  },
);

test.each([dayMs, -dayMs])("a dead worker is noticed although the wall clock jumped by %s ms", async (jumpMs) => {
  await using store = await createSqliteStore({ path });
  const workerId = await register(store, 500);
  const runId = await claimOne(store, workerId);
  jump(jumpMs);
  await vi.waitFor(async () => expect(await reap(store)).toEqual([runId]), { timeout: 5_000, interval: 5 });
});

test("a heartbeat keeps its worker alive through jumps of the wall clock", async () => {
  await using store = await createSqliteStore({ path });
  const workerId = await register(store, 300);
  const onLost = vi.fn<() => void>();
  await using _heartbeat = store.startHeartbeat({ workerId, ttlMs: 300, wedgedAfterMs: 10_000, onLost });
  const diesAt = dieAt(path);
  jump(dayMs);
  await vi.waitFor(() => expect(dieAt(path)).toBeGreaterThan(diesAt + 300), { timeout: 5_000, interval: 5 });
  expect(await reap(store)).toEqual([]);
  expect(onLost).not.toHaveBeenCalled();
});

test("workers of an earlier life of the machine are dead, whatever its clock says", async () => {
  await using before = await createSqliteStore({ path, bootId: "boot" });
  const runId = await claimOne(before, await register(before, 60_000));
  await using after = await createSqliteStore({ path, bootId: "next boot" });
  expect(await reap(after)).toEqual([runId]);
  expect(await after.listWorkers()).toEqual([]);
});

test("a listener is called as soon as the work is committed", async () => {
  await using store = await createSqliteStore({ path });
  const database = new DatabaseSync(path);
  const seen: unknown[] = [];
  using _subscription = store.subscribe((change) => {
    seen.push(change, database.prepare("select count(*) as runs from ready").get()?.["runs"]);
  });
  const submitted = store.submit(oneRun);
  // Before anybody who waits for the submission goes on.
  expect(seen).toEqual([]);
  await submitted;
  expect(seen).toEqual(["ready", 1]);
  database.close();
});

function jump(ms: number): void {
  const nowMs = Date.now();
  vi.useRealTimers();
  vi.useFakeTimers({ toFake: ["Date"], now: nowMs + ms });
}

async function register(store: Store, ttlMs: number): Promise<WorkerId> {
  const process = { host: "h", bootId: "boot", pid: 1, startTicks: "1" };
  return await store.registerWorker({ name: "w", ttlMs, process });
}

async function claimOne(store: Store, workerId: WorkerId): Promise<RunId> {
  const { rootRunId } = await store.submit(oneRun);
  expect(await store.claim({ workerId, limit: 1 })).toHaveLength(1);
  return rootRunId;
}

async function reap(store: Store): Promise<readonly RunId[]> {
  return await store.reap({ limit: 9, deadWorkerIds: [], maxLosses: 3 });
}

function dieAt(file: string): number {
  const database = new DatabaseSync(file);
  const row = database.prepare("select max(expires_at) as at from worker").get();
  database.close();
  return Number(row?.["at"]);
}
