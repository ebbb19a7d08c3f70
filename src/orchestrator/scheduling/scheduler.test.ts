import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { RunId } from "../../core/run-id.ts";
import { createSchedule, type Schedule, type ScheduleOptions } from "../../core/schedule/schedule.ts";
import { createSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import { Scheduler, type SchedulerEvent, type SchedulerOptions } from "./scheduler.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

class Bench {
  nowMs: number = Date.parse("2026-01-05T05:50:00Z");
  readonly events: SchedulerEvent[] = [];
  readonly clock = { now: () => this.nowMs, sleep: async () => undefined };
  #store: Store | undefined;

  get store(): Store {
    if (this.#store === undefined) throw new Error("the bench is not open");
    return this.#store;
  }

  async open(path: string): Promise<Store> {
    return (this.#store = await createSqliteStore({ path, clock: this.clock }));
  }

  scheduler(schedules: Record<string, ScheduleOptions>, more: Partial<SchedulerOptions> = {}): Scheduler {
    return new Scheduler({
      store: this.store,
      clock: this.clock,
      random: () => 0.5,
      schedules: new Map(
        Object.entries(schedules).map(([name, options]): [string, Schedule] => [name, createSchedule(name, options)]),
      ),
      toSubmission: (job, { params, window, createdBy }) => ({
        runs: [{ job, kind: "job", params, tenant: "default", createdBy, ...(window === undefined ? {} : { window }) }],
        edges: [],
        runKey: `${job}|key`,
      }),
      onEvent: (event) => this.events.push(event),
      onError: (error) => {
        throw error;
      },
      ...more,
    });
  }

  async lookAt(scheduler: Scheduler, time: string): Promise<void> {
    this.nowMs = Date.parse(`2026-01-${time}:00Z`);
    // More is due while it catches up.
    for (let looks = 0; looks < 50 && (await scheduler.look()) === 0; looks += 1);
  }

  /** Executes what is ready. */
  async work(end: "finished" | "partial" | "failed" = "finished"): Promise<void> {
    const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };
    const workerId = await this.store.registerWorker({ name: "w", ttlMs: hourMs, process });
    const runs = await this.store.claim({ workerId, limit: 100 });
    const error = { code: "JOB_FAILED", message: "broke", disposition: "fail", origin: "user-code" } as const;
    await this.store.settle(
      runs.map(({ runId, epoch }) =>
        end === "failed"
          ? { runId, epoch, end, reason: "failed" as const, error }
          : { runId, epoch, end: "finished", result: null, ...(end === "partial" ? { reason: end } : {}) },
      ),
    );
  }

  /** A run that publishes the next version of each dataset. */
  async publish(...datasets: string[]): Promise<void> {
    const process = { host: "h", bootId: "b", pid: 2, startTicks: "1" };
    await this.store.submit({
      runs: [{ job: "loader", kind: "job", params: {}, tenant: "default", createdBy: "t" }],
      edges: [],
    });
    const workerId = await this.store.registerWorker({ name: "p", ttlMs: hourMs, process });
    const [run] = await this.store.claim({ workerId, limit: 1, jobs: new Set(["loader"]) });
    if (run === undefined) throw new Error("the loader was not claimed");
    for (const dataset of datasets) {
      const version = {
        dataset,
        job: "loader",
        locations: [],
        schema: [],
        rowCount: 1,
        fingerprint: String(run.runId),
      };
      await this.store.recordDataset(run, { ...version, runId: run.runId });
    }
    await this.store.settle([{ runId: run.runId, epoch: run.epoch, end: "finished", result: null }]);
  }

  async fires(name: string): Promise<string[]> {
    const list = await this.store.listFires(name, undefined, 1_000);
    return list
      .map(({ fireAtMs, decision }) => `${new Date(fireAtMs).toISOString().slice(8, 16)} ${decision}`)
      .toReversed();
  }
}

const folders: string[] = [];
const stores: Store[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store[Symbol.asyncDispose]();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function createBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-scheduler-"));
  folders.push(folder);
  const bench = new Bench();
  stores.push(await bench.open(join(folder, "store.db")));
  return bench;
}

test("a schedule after datasets fires once for each set of new versions, and loses none while a run is unfinished", async () => {
  const bench = await createBench();
  const scheduler = bench.scheduler({ report: { after: ["orders", "customers"], params: { full: true } } });
  await bench.publish("orders", "customers");
  await bench.lookAt(scheduler, "05T06:00");
  await bench.lookAt(scheduler, "05T06:01");
  expect(await bench.store.listRuns({ limit: 10, job: "report" })).toMatchObject([
    { createdBy: "schedule", params: { full: true }, window: undefined },
  ]);
  await bench.publish("orders", "customers");
  await bench.lookAt(scheduler, "05T06:02");
  expect(await bench.fires("report")).toHaveLength(1);
  expect(bench.events.at(-1)).toMatchObject({ type: "held", name: "report" });
  await bench.work();
  await bench.lookAt(scheduler, "05T06:03");
  expect(await bench.fires("report")).toHaveLength(2);
  await bench.publish("orders");
  await bench.work();
  await bench.lookAt(scheduler, "05T06:04");
  expect(await bench.fires("report")).toHaveLength(2);
});

test("what came while no process ran, or while the schedule was paused, is run once", async () => {
  const bench = await createBench();
  const definition = { report: { after: ["orders"] } } as const;
  await bench.lookAt(bench.scheduler(definition), "05T06:00");
  await bench.store.pauseSchedule("report", true, "ann");
  await bench.publish("orders");
  await bench.publish("orders");
  await bench.lookAt(bench.scheduler(definition), "07T06:00");
  expect(await bench.fires("report")).toEqual([]);
  await bench.store.pauseSchedule("report", false, "ann");
  const restarted = bench.scheduler(definition);
  await bench.lookAt(restarted, "08T06:00");
  await bench.work();
  await bench.lookAt(restarted, "08T06:01");
  expect(await bench.fires("report")).toHaveLength(1);
});

test("two schedulers fire once for one set of files, whose paths the run gets", async () => {
  const bench = await createBench();
  const found = [{ path: "inbox/a.csv", bytes: 3, changedAtMs: 1 }];
  const findFiles = async (path: string) => (path === "inbox/*.csv" ? found : []);
  const definition = { load: { files: { path: "inbox/*.csv", every: "1m" } } } as const;
  const schedulers = [bench.scheduler(definition, { findFiles }), bench.scheduler(definition, { findFiles })];
  for (const time of ["05T06:00", "05T06:01", "05T06:02"]) {
    for (const scheduler of schedulers) await bench.lookAt(scheduler, time);
  }
  const runs = await bench.store.listRuns({ limit: 10, job: "load" });
  expect(runs.map(({ params }) => params)).toEqual([{ files: ["inbox/a.csv"] }]);
});

test("a folder that cannot be read keeps no other schedule from firing", async () => {
  const bench = await createBench();
  const errors: string[] = [];
  const findFiles = () => Promise.reject(new Error("no access"));
  const onError = (error: Error) => void errors.push(error.message);
  const definition = { load: { files: { path: "x" } }, a: { cron: "0 6 * * *" } } as const;
  const scheduler = bench.scheduler(definition, { findFiles, onError });
  await bench.lookAt(scheduler, "05T05:59");
  await bench.lookAt(scheduler, "05T06:00");
  expect(await bench.fires("a")).toHaveLength(1);
  expect(errors[0]).toContain("no access");
});

test("a new schedule fires from its next instant on, with its params and window", async () => {
  const bench = await createBench();
  const scheduler = bench.scheduler({ a: { cron: "0 6 * * *", window: true, params: { full: true } } });
  await bench.lookAt(scheduler, "05T05:59");
  expect(await bench.fires("a")).toEqual([]);
  await bench.lookAt(scheduler, "05T06:00");
  await bench.lookAt(scheduler, "05T06:01");
  const runs = await bench.store.listRuns({ limit: 10 });
  expect(runs).toMatchObject([
    {
      job: "a",
      createdBy: "schedule",
      params: { full: true },
      window: { from: "2026-01-04T06:00:00.000Z", to: "2026-01-05T06:00:00.000Z" },
    },
  ]);
  expect(bench.events).toEqual([{ type: "fired", name: "a", runIds: [runs[0]?.id], lateMs: 0 }]);
});

test.each([
  ["none", ["08T06:00 missed"], 0],
  ["latest", ["05T06:00 missed", "06T06:00 missed", "07T06:00 missed", "08T06:00 run"], 1],
  ["all", ["05T06:00 run", "06T06:00 run", "07T06:00 run", "08T06:00 run"], 4],
] as const)("after three days down, missed `%s` makes up what it says", async (missed, expected, runs) => {
  const bench = await createBench();
  const definition = { a: { cron: "0 6 * * *", missed } };
  await bench.lookAt(bench.scheduler(definition), "05T05:50");
  const restarted = bench.scheduler(definition);
  for (let day = 0; day < 5; day += 1) {
    await bench.lookAt(restarted, "08T09:00");
    await bench.work();
  }
  expect((await bench.fires("a")).slice(-expected.length)).toEqual(expected);
  expect(await bench.store.listRuns({ limit: 10 })).toHaveLength(runs);
  expect(new Date(bench.nowMs + ((await bench.store.nextFireInMs()) ?? 0)).toISOString()).toBe(
    "2026-01-09T06:00:00.000Z",
  );
});

test("two schedulers, one of which dies between its decision and the store, make each instant one run", async () => {
  const bench = await createBench();
  const definition = { a: { every: "1h" }, b: { every: "1h" } } as const;
  const dead = bench.scheduler(definition, {
    store: new Proxy(bench.store, {
      get: (store, name: keyof Store) =>
        name === "fire" ? () => Promise.reject(new Error("the process died")) : store[name],
    }),
  });
  const [first, second] = [bench.scheduler(definition), bench.scheduler(definition)];
  await bench.lookAt(first, "05T05:50");
  for (const hour of ["06", "07", "08"]) {
    bench.nowMs = Date.parse(`2026-01-05T${hour}:00:00Z`);
    await expect(dead.look()).rejects.toThrowError("the process died");
    await Promise.all([first.look(), second.look()]);
    await bench.work();
  }
  for (const name of ["a", "b"])
    expect(await bench.fires(name)).toEqual(["05T06:00 run", "05T07:00 run", "05T08:00 run"]);
  expect(await bench.store.listRuns({ limit: 20 })).toHaveLength(6);
});

test("a clock that jumps a day forth and back neither repeats an instant nor fires many", async () => {
  const bench = await createBench();
  const scheduler = bench.scheduler({ a: { every: "1h" } });
  await scheduler.look();
  for (const time of ["05T06:00", "06T06:00", "05T07:00", "05T08:00", "06T06:30", "06T07:00"]) {
    await bench.lookAt(scheduler, time);
    await bench.work();
  }
  const runs = (await bench.fires("a")).filter((fire) => fire.endsWith("run"));
  expect(runs).toEqual(["05T06:00 run", "06T06:00 run", "06T07:00 run"]);
  expect(new Set(await bench.fires("a")).size).toBe((await bench.fires("a")).length);
});

test("a paused schedule does not fire, and afterwards goes on by its policy", async () => {
  const bench = await createBench();
  const scheduler = bench.scheduler({ a: { every: "1h" } });
  await bench.lookAt(scheduler, "05T05:50");
  await bench.store.pauseSchedule("a", true, "ada");
  await bench.lookAt(scheduler, "05T08:10");
  expect(await bench.fires("a")).toEqual([]);
  await bench.store.pauseSchedule("a", false, "ada");
  await bench.lookAt(scheduler, "05T08:20");
  expect(await bench.fires("a")).toEqual(["05T06:00 missed", "05T07:00 missed", "05T08:00 run"]);
});

test("overlap: `skip` leaves out, `queue_one` follows, `allow` runs beside, `cancel_running` stops the run before", async () => {
  const bench = await createBench();
  const every = { every: "1h" } as const;
  const scheduler = bench.scheduler({
    skip: every,
    queue: { ...every, overlap: "queue_one" },
    allow: { ...every, overlap: "allow" },
    cancel: { ...every, overlap: "cancel_running" },
  });
  await scheduler.look();
  for (const time of ["05T06:00", "05T07:00", "05T07:01", "05T08:00", "05T08:01"]) await bench.lookAt(scheduler, time);
  expect(await bench.fires("skip")).toEqual(["05T06:00 run", "05T07:00 overlapped", "05T08:00 overlapped"]);
  expect(await bench.fires("queue")).toEqual(["05T06:00 run"]);
  expect(await bench.fires("allow")).toEqual(["05T06:00 run", "05T07:00 run", "05T08:00 run"]);
  // What no worker has yet ends at once.
  expect(await bench.fires("cancel")).toEqual(["05T06:00 run", "05T07:00 run", "05T08:00 run"]);
  const states = await bench.store.listRuns({ limit: 100, state: "ERROR" });
  expect(states.map(({ job, reason }) => `${job} ${reason}`)).toEqual(["cancel stopped", "cancel stopped"]);
  await bench.work();
  await bench.lookAt(scheduler, "05T08:02");
  expect(await bench.fires("queue")).toEqual(["05T06:00 run", "05T07:00 overlapped", "05T08:00 run"]);
  expect(bench.events.filter(({ type, name }) => type === "held" && name === "queue")).toHaveLength(1);
});

test("dependencies hold a schedule, visibly, until each has finished once more", async () => {
  const bench = await createBench();
  const scheduler = bench.scheduler({ b: { every: "1h" }, a: { every: "30m", dependencies: ["b"] } });
  await scheduler.look();
  await bench.lookAt(scheduler, "05T06:00");
  expect(await bench.fires("a")).toEqual([]);
  await bench.lookAt(scheduler, "05T06:01");
  await bench.work();
  await bench.lookAt(scheduler, "05T06:02");
  expect(await bench.fires("a")).toEqual(["05T06:00 run"]);
  await bench.work();
  await bench.lookAt(scheduler, "05T06:30");
  expect(await bench.fires("a")).toEqual(["05T06:00 run"]);
  expect(bench.events.filter(({ type }) => type === "held")).toEqual([
    { type: "held", name: "a", by: [{ job: "b", because: "not_run" }] },
    { type: "held", name: "a", by: [{ job: "b", because: "unfinished" }] },
    { type: "held", name: "a", by: [{ job: "b", because: "not_run" }] },
  ]);
});

test("fast recovery runs again until the run has finished", async () => {
  const bench = await createBench();
  const scheduler = bench.scheduler({ a: { every: "4h", anchor: "2026-01-01T02:00:00Z", fastRecovery: "30m" } });
  await scheduler.look();
  await bench.lookAt(scheduler, "05T06:00");
  await bench.work("failed");
  await bench.lookAt(scheduler, "05T06:29");
  await bench.lookAt(scheduler, "05T06:30");
  await bench.work();
  await bench.lookAt(scheduler, "05T07:00");
  await bench.lookAt(scheduler, "05T10:00");
  expect(await bench.fires("a")).toEqual(["05T06:00 run", "05T06:30 run", "05T10:00 run"]);
});

test("fast recovery follows a run that finished in part once", async () => {
  const bench = await createBench();
  const scheduler = bench.scheduler({ a: { every: "4h", anchor: "2026-01-01T02:00:00Z", fastRecovery: "30m" } });
  await scheduler.look();
  await bench.lookAt(scheduler, "05T06:00");
  await bench.work("partial");
  await bench.lookAt(scheduler, "05T06:30");
  await bench.work("partial");
  await bench.lookAt(scheduler, "05T07:00");
  await bench.lookAt(scheduler, "05T10:00");
  expect(await bench.fires("a")).toEqual(["05T06:00 run", "05T06:30 run", "05T10:00 run"]);
});

test("jitter delays the run and not the instant", async () => {
  const bench = await createBench();
  const scheduler = bench.scheduler({ a: { every: "1h", jitter: "10m" } });
  await scheduler.look();
  await bench.lookAt(scheduler, "05T06:00");
  const [run] = await bench.store.listRuns({ limit: 1 });
  expect(run).toMatchObject({ state: "PENDING", reason: "scheduled", runAtMs: bench.nowMs + 5 * minuteMs });
});

test("a night without 02:30 fires at the first instant after the gap", async () => {
  const bench = await createBench();
  bench.nowMs = Date.parse("2026-03-28T12:00:00Z");
  const scheduler = bench.scheduler({ a: { cron: "30 2 * * *", timezone: "Europe/Berlin" } });
  await scheduler.look();
  bench.nowMs = Date.parse("2026-03-29T00:59:59Z");
  await scheduler.look();
  expect(await bench.fires("a")).toEqual([]);
  bench.nowMs = Date.parse("2026-03-29T01:00:00Z");
  await scheduler.look();
  expect(await bench.fires("a")).toEqual(["29T01:00 run"]);
});

test("what another release defined is left alone, and a changed definition starts from now", async () => {
  const bench = await createBench();
  const first = bench.scheduler({ a: { every: "1h" }, gone: { every: "1h" } });
  await bench.lookAt(first, "05T05:50");
  await bench.store.saveSchedules([{ name: "newer", definition: { version: 2 }, nextFireAtMs: bench.nowMs }]);
  const second = bench.scheduler({ a: { every: "20m" }, newer: { every: "1h" } });
  await bench.lookAt(second, "05T06:10");
  // `newer` was saved again by this release, as any definition that differs.
  expect(await bench.fires("gone")).toEqual([]);
  expect(await bench.fires("a")).toEqual([]);
  await bench.lookAt(second, "05T06:20");
  expect(await bench.fires("a")).toEqual(["05T06:20 run"]);
  expect((await bench.store.listSchedules()).map(({ name }) => name)).toEqual(["a", "gone", "newer"]);
});

test("a scheduler that is started looks by itself, goes on after errors, and ends when it is stopped", async () => {
  const bench = await createBench();
  const errors: string[] = [];
  let broken = 2;
  const fired = Promise.withResolvers<readonly RunId[]>();
  const scheduler = bench.scheduler(
    { a: { every: "1h" } },
    {
      clock: {
        sleep: async () => {
          bench.nowMs += 5 * minuteMs;
          await new Promise((resolve) => setImmediate(resolve));
        },
      },
      store: new Proxy(bench.store, {
        get: (store, name: keyof Store) =>
          name === "listDueSchedules" && broken-- > 0 ? () => Promise.reject(new Error("away")) : store[name],
      }),
      onError: (error) => void errors.push(error.message),
      onEvent: (event) => event.type === "fired" && fired.resolve(event.runIds),
    },
  );
  scheduler.start();
  expect(await fired.promise).toHaveLength(1);
  await scheduler.stop();
  expect(errors).toHaveLength(2);
});
