import { join } from "node:path";
import { expect, test } from "vitest";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import { createSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import { followLogs, readLogs } from "./run-logs.ts";

const folder = useTemporaryFolder("logs");
const base = { params: {}, tenant: "t", createdBy: "ada" } as const;
const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };

test("logs of several jobs are merged by time, across pages, and each line comes once", async () => {
  await using store = await createSqliteStore({ path: join(folder(), "merge.db") });
  const names = ["a", "b", "c"];
  const runs = names.map((job) => ({ ...base, job, kind: "job" as const }));
  const { runIds } = await store.submit({
    runs: [{ ...base, job: "p", kind: "pipeline" }, ...runs.map((run) => ({ ...run, parent: 0 }))],
    edges: [],
  });
  const lines = Array.from({ length: 1_500 }, (_, index) => ({
    runId: runIds[1 + (index % 3)] ?? runIds[0]!,
    atMs: index * 10,
    level: "info" as const,
    message: String(index),
  }));
  await store.appendLogs(lines);
  const summaries = (await store.listRuns({ limit: 10 })).toReversed();
  const read = new Map();
  const messages = await Array.fromAsync(readLogs(store, summaries, read), ({ message }) => Number(message));
  expect(messages).toEqual(lines.map((_, index) => index));
  expect(await Array.fromAsync(readLogs(store, summaries, read))).toEqual([]);
});

test("following ends with the run's last line, pauses longer while nothing comes, and then shorter again", async () => {
  await using store = await createSqliteStore({ path: join(folder(), "follow.db") });
  const { rootRunId: runId } = await store.submit({ runs: [{ ...base, job: "a", kind: "job" }], edges: [] });
  const workerId = await store.registerWorker({ name: "w", ttlMs: 60_000, process });
  const [claimed] = await store.claim({ workerId, limit: 1 });
  const log = (message: string): Promise<void> => store.appendLogs([{ runId, atMs: 1, level: "info", message }]);
  await log("first");
  const pauses: number[] = [];
  // What happens during each pause.
  const steps: (() => Promise<unknown>)[] = [
    async () => undefined,
    async () => undefined,
    () => log("second"),
    async () => undefined,
    async () => {
      await log("last");
      await store.settle([{ runId, epoch: claimed?.epoch ?? 0, end: "finished", result: null }]);
    },
  ];
  const clock = {
    sleep: async (ms: number): Promise<void> => {
      pauses.push(ms);
      await steps.shift()?.();
    },
  };
  const [run] = await store.listRuns({ limit: 1 });
  const followed = followLogs(store, run!, { clock, signal: new AbortController().signal });
  expect(await Array.fromAsync(followed, ({ message }) => message)).toEqual(["first", "second", "last"]);
  expect(pauses).toEqual([50, 75, 112.5, 50, 75]);
});

test("following stops when it is told to", async () => {
  await using store = await createSqliteStore({ path: join(folder(), "stop.db") });
  await store.submit({ runs: [{ ...base, job: "a", kind: "job" }], edges: [] });
  const control = new AbortController();
  const clock = { sleep: async (): Promise<void> => control.abort() };
  const [run] = await store.listRuns({ limit: 1 });
  expect(await Array.fromAsync(followLogs(store, run!, { clock, signal: control.signal }))).toEqual([]);
});
