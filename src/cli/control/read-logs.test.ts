import { join } from "node:path";
import { expect, test } from "vitest";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import type { LogLine } from "../../api/run.ts";
import type { Clock } from "../../core/clock.ts";
import { createRunLogHandlers } from "../../server/rest/run-logs.ts";
import { createRunHandlers } from "../../server/rest/runs.ts";
import type { ServerServices } from "../../server/server-services.ts";
import { createSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { ControlCalls } from "./control-plane.ts";
import { readLogs } from "./read-logs.ts";

const folder = useTemporaryFolder("logs");
const base = { params: {}, tenant: "t", createdBy: "ada" } as const;
const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };
const noSignal = new AbortController().signal;

type SqliteStore = Awaited<ReturnType<typeof createSqliteStore>>;

// The handlers of a server, without one.
function callsOn(store: SqliteStore): ControlCalls {
  const definitions = () => ({ jobs: new Map(), pipelines: new Map() });
  const services = { store, definitions, project: { name: "p", root: "/p" } } as unknown as ServerServices;
  const handlers = { ...createRunHandlers(services), ...createRunLogHandlers(services) };
  return {
    call: async (name, input) => {
      const handler = handlers[name as keyof typeof handlers] as (input: object) => Promise<unknown>;
      return (await handler({ query: {}, ...input })) as never;
    },
  };
}

/** Each sleep does the next of the steps and lets 1 s pass. */
function clockOf(steps: readonly (() => Promise<unknown>)[]): Pick<Clock, "now" | "sleep"> & { pauses: number[] } {
  const left = [...steps];
  const pauses: number[] = [];
  return {
    pauses,
    now: () => pauses.length * 1_000,
    async sleep(ms) {
      pauses.push(ms);
      await left.shift()?.();
    },
  };
}

const nothing = async (): Promise<void> => undefined;
const messageOf = ({ message }: LogLine): string => message;

test("lines of several jobs come by time, across pages, each once", async () => {
  await using store = await createSqliteStore({ path: join(folder(), "merge.db") });
  const jobs = ["a", "b", "c"].map((job) => ({ ...base, job, kind: "job" as const, parent: 0 }));
  const { runIds } = await store.submit({ runs: [{ ...base, job: "p", kind: "pipeline" }, ...jobs], edges: [] });
  const lines = Array.from({ length: 2_500 }, (_, index) => ({
    runId: runIds[1 + (index % 3)]!,
    atMs: index * 10,
    level: "info" as const,
    message: String(index),
  }));
  await store.appendLogs(lines);
  const options = { level: "debug", follow: false, signal: noSignal, clock: clockOf([]) } as const;
  const read = await Array.fromAsync(readLogs(callsOn(store), "r1", options), messageOf);
  expect(read).toEqual(lines.map(({ message }) => message));
});

test("following ends with the run's last line, pauses longer while nothing comes, and then shorter again", async () => {
  await using store = await createSqliteStore({ path: join(folder(), "follow.db") });
  const { rootRunId: runId } = await store.submit({ runs: [{ ...base, job: "a", kind: "job" }], edges: [] });
  const workerId = await store.registerWorker({ name: "w", ttlMs: 60_000, process });
  const [claimed] = await store.claim({ workerId, limit: 1 });
  const log = (message: string): Promise<void> => store.appendLogs([{ runId, atMs: 1, level: "info", message }]);
  await log("first");
  const clock = clockOf([
    nothing,
    nothing,
    () => log("second"),
    nothing,
    async () => {
      await log("last");
      await store.settle([{ runId, epoch: claimed?.epoch ?? 0, end: "finished", result: null }]);
    },
  ]);
  const options = { level: "debug", follow: true, signal: noSignal, clock } as const;
  const read = await Array.fromAsync(readLogs(callsOn(store), "r1", options), messageOf);
  expect(read).toEqual(["first", "second", "last"]);
  expect(clock.pauses).toEqual([50, 75, 112.5, 50, 75]);
});

test("a line that takes its place before others that were read is not missed, and none comes twice", async () => {
  await using store = await createSqliteStore({ path: join(folder(), "late.db") });
  const jobs = ["a", "b"].map((job) => ({ ...base, job, kind: "job" as const, parent: 0 }));
  const { runIds } = await store.submit({ runs: [{ ...base, job: "p", kind: "pipeline" }, ...jobs], edges: [] });
  const log = (run: number, atMs: number): Promise<void> =>
    store.appendLogs([{ runId: runIds[run]!, atMs, level: "info", message: `${run} at ${atMs}` }]);
  await log(1, 5_000);
  const control = new AbortController();
  const clock = clockOf([
    () => log(2, 4_000),
    () => log(1, 9_000),
    () => log(2, 8_000),
    ...Array.from({ length: 20 }, () => nothing),
    () => log(1, 30_000),
    async () => control.abort(),
  ]);
  const options = { level: "debug", follow: true, signal: control.signal, clock } as const;
  const read = await Array.fromAsync(readLogs(callsOn(store), "r1", options), messageOf);
  expect(read).toEqual(["1 at 5000", "2 at 4000", "1 at 9000", "2 at 8000", "1 at 30000"]);
});

test("following stops when it is told to", async () => {
  await using store = await createSqliteStore({ path: join(folder(), "stop.db") });
  await store.submit({ runs: [{ ...base, job: "a", kind: "job" }], edges: [] });
  const control = new AbortController();
  const clock = clockOf([async () => control.abort()]);
  const options = { level: "debug", follow: true, signal: control.signal, clock } as const;
  expect(await Array.fromAsync(readLogs(callsOn(store), "r1", options))).toEqual([]);
});
