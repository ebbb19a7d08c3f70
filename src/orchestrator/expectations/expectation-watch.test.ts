import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FreshnessOptions, toFreshness } from "../../core/dataset/freshness.ts";
import type { RunId } from "../../core/run-id.ts";
import { createSchedule, type Schedule, type ScheduleOptions } from "../../core/schedule/schedule.ts";
import { createSla, type SlaOptions } from "../../core/schedule/sla.ts";
import { createSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import { explainLateness } from "../explain/explain-lateness.ts";
import { Scheduler } from "../scheduling/scheduler.ts";
import { ExpectationWatch } from "./expectation-watch.ts";

const hourMs = 3_600_000;
const daily: ScheduleOptions = { cron: "0 2 * * *", timezone: "Europe/Berlin" };

let folder: string;
let bench: Bench;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-watch-"));
  bench = new Bench();
  await bench.open(join(folder, "store.db"));
});

afterEach(async () => {
  await bench.store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** One job `load`, or one dataset `orders`, on a clock that is moved by hand. */
class Bench {
  nowMs: number = Date.parse("2026-01-05T00:00:00Z");
  readonly clock = { now: () => this.nowMs, sleep: async () => undefined };
  scheduler: Scheduler | undefined;
  watch: ExpectationWatch | undefined;
  #store: Store | undefined;

  get store(): Store {
    if (this.#store === undefined) throw new Error("the bench is not open");
    return this.#store;
  }

  async open(path: string): Promise<void> {
    this.#store = await createSqliteStore({ path, clock: this.clock });
  }

  /** A process that begins now. */
  async start(sla: SlaOptions, options?: ScheduleOptions): Promise<void> {
    const schedule = options === undefined ? undefined : createSchedule("load", options);
    this.scheduler = new Scheduler({
      store: this.store,
      clock: this.clock,
      random: () => 0.5,
      schedules: new Map<string, Schedule>(schedule === undefined ? [] : [["load", schedule]]),
      toSubmission: (job) => ({
        runs: [{ job, kind: "job", params: {}, tenant: "default", createdBy: "schedule" }],
        edges: [],
      }),
      onError: (error) => {
        throw error;
      },
    });
    const jobs = new Map([["load", createSla("load", sla, schedule)]]);
    this.watch = new ExpectationWatch(this.store, { jobs, datasets: new Map() });
    await this.lookAll();
  }

  async expectFresh(options: FreshnessOptions): Promise<void> {
    const datasets = new Map([["orders", toFreshness(options)]]);
    this.watch = new ExpectationWatch(this.store, { jobs: new Map(), datasets });
    await this.lookAll();
  }

  /** @param fires whether a scheduler runs, too */
  async at(time: string, fires = true): Promise<void> {
    this.nowMs = Date.parse(time);
    if (fires) await this.lookAll();
    else await this.watch?.look();
  }

  async lookAll(): Promise<void> {
    for (let looks = 0; looks < 20 && (await this.scheduler?.look()) === 0; looks += 1);
    await this.watch?.look();
  }

  async submit(job = "load"): Promise<RunId> {
    const { rootRunId } = await this.store.submit({
      runs: [{ job, kind: "job", params: {}, tenant: "default", createdBy: "ada" }],
      edges: [],
    });
    return rootRunId;
  }

  /** Ends all that is ready. */
  async work(end: "finished" | "failed" = "finished"): Promise<void> {
    const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };
    const workerId = await this.store.registerWorker({ name: "w", ttlMs: hourMs, process });
    const error = { code: "JOB_FAILED", message: "broke", disposition: "fail", origin: "user-code" } as const;
    await this.store.settle(
      (await this.store.claim({ workerId, limit: 100 })).map(({ runId, epoch }) =>
        end === "finished"
          ? { runId, epoch, end, result: null }
          : { runId, epoch, end, reason: "failed" as const, error },
      ),
    );
  }

  async publish(newestAtMs?: number): Promise<void> {
    const runId = await this.submit("loader");
    const process = { host: "h", bootId: "b", pid: 2, startTicks: "1" };
    const workerId = await this.store.registerWorker({ name: "p", ttlMs: hourMs, process });
    const [run] = await this.store.claim({ workerId, limit: 1, jobs: new Set(["loader"]) });
    if (run === undefined) throw new Error("the loader was not claimed");
    const rows = { locations: [], schema: [], rowCount: 1, fingerprint: String(runId) };
    const newest = newestAtMs === undefined ? {} : { newestAtMs };
    await this.store.recordDataset(run, { dataset: "orders", runId, job: "loader", ...rows, ...newest });
    await this.store.settle([{ runId, epoch: run.epoch, end: "finished", result: null }]);
  }

  /** `late 2026-01-05T05:00`, oldest first. */
  async turns(kind: "job" | "dataset" = "job"): Promise<string[]> {
    const name = kind === "job" ? "load" : "orders";
    const turns = await this.store.listTurns({ kind, name, limit: 100 });
    return turns.toReversed().map(({ turn, atMs }) => `${turn} ${new Date(atMs).toISOString().slice(0, 16)}`);
  }
}

test("a run that is unfinished at its time is late once, and on time again when it has finished", async () => {
  await bench.start({ by: "06:00" }, daily);
  await bench.at("2026-01-05T01:00Z");
  await bench.at("2026-01-05T04:59Z");
  expect(await bench.turns()).toEqual([]);
  for (const minute of ["00", "01", "02", "30"]) await bench.at(`2026-01-05T05:${minute}Z`);
  expect(await bench.turns()).toEqual(["late 2026-01-05T05:00"]);
  const [run] = await bench.store.listRuns({ job: "load", limit: 1 });
  const [record] = await bench.store.findExpectations("job", ["load"]);
  expect(record).toMatchObject({ state: "broken", runId: run?.id, sinceMs: Date.parse("2026-01-05T05:00Z") });
  expect(await explainLateness(bench.store, "load")).toEqual([
    `it is late since 2026-01-05T05:00:00Z (30m ago): expected the run that was due at 2026-01-05T01:00:00Z (4h30m ago) to be finished by 06:00 Europe/Berlin, and run r${run?.id} has not started`,
  ]);
  await bench.work();
  await bench.at("2026-01-05T05:31Z");
  expect(await bench.turns()).toEqual(["late 2026-01-05T05:00", "on_time 2026-01-05T05:31"]);
  expect(await explainLateness(bench.store, "load")).toEqual([]);
});

test("a run that finished in time makes no turn, day after day", async () => {
  await bench.start({ by: "06:00", finishWithin: "1h" }, daily);
  for (const day of ["05", "06", "07"]) {
    await bench.at(`2026-01-${day}T01:00Z`);
    await bench.work();
    await bench.at(`2026-01-${day}T02:00Z`);
    await bench.at(`2026-01-${day}T05:00Z`);
  }
  expect(await bench.turns()).toEqual([]);
});

test("a run that failed has not come, and the one that a person starts brings it", async () => {
  await bench.start({ finishWithin: "1h" }, daily);
  await bench.at("2026-01-05T01:00Z");
  await bench.work("failed");
  await bench.at("2026-01-05T01:30Z");
  expect(await bench.turns()).toEqual([]);
  await bench.at("2026-01-05T02:00Z");
  expect((await explainLateness(bench.store, "load"))[0]).toMatch(/and run r\d+ failed$/);
  await bench.submit();
  await bench.work();
  await bench.at("2026-01-05T02:01Z");
  expect(await bench.turns()).toEqual(["late 2026-01-05T02:00", "on_time 2026-01-05T02:01"]);
});

test("a job whose first run never happened is late, but not for instants before it was there", async () => {
  bench.nowMs = Date.parse("2026-01-05T01:30Z");
  await bench.start({ finishWithin: "1h" }, daily);
  await bench.at("2026-01-05T05:00Z", false);
  expect(await bench.turns()).toEqual([]);
  await bench.at("2026-01-06T02:00Z", false);
  expect(await bench.turns()).toEqual(["late 2026-01-06T02:00"]);
  expect((await explainLateness(bench.store, "load"))[0]).toMatch(/no run of it has finished since$/);
});

test("after days without a process the newest instant is late, once, and the run that is made up is in time again", async () => {
  await bench.start({ finishWithin: "1h" }, daily);
  await bench.at("2026-01-09T09:00Z");
  expect(await bench.turns()).toEqual(["late 2026-01-09T09:00"]);
  await bench.work();
  await bench.at("2026-01-09T09:01Z");
  expect(await bench.turns()).toEqual(["late 2026-01-09T09:00", "on_time 2026-01-09T09:01"]);
});

test("while a schedule is paused nothing is expected of it, and what was late stays so until it has finished", async () => {
  await bench.start({ finishWithin: "1h" }, daily);
  await bench.store.pauseSchedule("load", true, "ada");
  await bench.at("2026-01-07T09:00Z");
  expect(await bench.turns()).toEqual([]);
  await bench.store.pauseSchedule("load", false, "ada");
  await bench.at("2026-01-08T01:00Z");
  await bench.at("2026-01-08T02:00Z");
  expect(await bench.turns()).toEqual(["late 2026-01-08T02:00"]);
  await bench.store.pauseSchedule("load", true, "ada");
  await bench.at("2026-01-10T09:00Z");
  expect(await bench.turns()).toHaveLength(1);
  await bench.work();
  await bench.at("2026-01-10T09:01Z");
  expect(await bench.turns()).toEqual(["late 2026-01-08T02:00", "on_time 2026-01-10T09:01"]);
});

test("an instant that was overlapped expects nothing: the run before it is the one that is late", async () => {
  await bench.start({ finishWithin: "90m" }, { every: "1h" });
  await bench.at("2026-01-05T01:00Z");
  await bench.at("2026-01-05T02:00Z");
  await bench.at("2026-01-05T02:30Z");
  await bench.at("2026-01-05T03:30Z");
  expect(await bench.turns()).toEqual(["late 2026-01-05T02:30"]);
  await bench.work();
  await bench.at("2026-01-05T03:31Z");
  await bench.at("2026-01-05T04:00Z");
  await bench.work();
  await bench.at("2026-01-05T05:30Z");
  await bench.work();
  expect((await bench.turns())[0]).toBe("late 2026-01-05T02:30");
  expect((await bench.store.findExpectations("job", ["load"]))[0]?.state).toBe("met");
});

test("windows that a backfill runs are never late, and bring nothing that is", async () => {
  await bench.start({ finishWithin: "1h" }, daily);
  const members = {
    runs: [
      { job: "backfill:load", kind: "pipeline" },
      { job: "load", kind: "job", parent: 0 },
    ],
  } as const;
  const common = { params: {}, tenant: "default", createdBy: "ada" };
  await bench.at("2026-01-05T02:00Z", false);
  await bench.store.submit({ runs: members.runs.map((run) => ({ ...common, ...run })), edges: [] });
  await bench.work();
  await bench.at("2026-01-05T02:31Z", false);
  expect(await bench.turns()).toEqual(["late 2026-01-05T02:00"]);
});

test("a clock that jumps back tells nothing twice", async () => {
  await bench.start({ finishWithin: "1h" }, daily);
  await bench.at("2026-01-05T01:00Z");
  await bench.at("2026-01-05T02:00Z");
  await bench.at("2026-01-04T12:00Z");
  await bench.at("2026-01-05T02:00Z");
  await bench.at("2026-01-05T02:30Z");
  expect(await bench.turns()).toEqual(["late 2026-01-05T02:00"]);
  await bench.work();
  await bench.at("2026-01-05T02:31Z");
  await bench.at("2026-01-05T00:30Z");
  await bench.at("2026-01-05T02:31Z");
  expect(await bench.turns()).toHaveLength(2);
});

test("a job that no time starts is late when a run of it takes too long from its start", async () => {
  await bench.start({ finishWithin: "1h" });
  await bench.at("2026-01-05T00:30Z");
  const runId = await bench.submit();
  await bench.at("2026-01-05T01:29Z");
  expect(await bench.turns()).toEqual([]);
  await bench.at("2026-01-05T01:36Z");
  const [record] = await bench.store.findExpectations("job", ["load"]);
  expect(record).toMatchObject({ state: "broken", runId, sinceMs: Date.parse("2026-01-05T01:30Z") });
  await bench.work("failed");
  await bench.at("2026-01-05T01:40Z");
  expect(await bench.turns()).toEqual(["late 2026-01-05T01:36", "on_time 2026-01-05T01:40"]);
});

test("a dataset is stale when its newest version is too old, and fresh with the next one", async () => {
  await bench.publish();
  await bench.expectFresh("24h");
  await bench.at("2026-01-06T00:00:00Z");
  expect(await bench.turns("dataset")).toEqual([]);
  await bench.at("2026-01-06T00:00:00.001Z");
  await bench.at("2026-01-06T01:00Z");
  expect(await bench.turns("dataset")).toEqual(["stale 2026-01-06T00:00"]);
  await bench.publish();
  await bench.at("2026-01-06T01:01Z");
  expect(await bench.turns("dataset")).toEqual(["stale 2026-01-06T00:00", "fresh 2026-01-06T01:01"]);
});

test("a dataset that was never published counts from when the rule was made", async () => {
  await bench.expectFresh("1h");
  await bench.at("2026-01-05T01:00Z");
  expect(await bench.turns("dataset")).toEqual([]);
  await bench.at("2026-01-05T01:01Z");
  expect(await bench.turns("dataset")).toEqual(["stale 2026-01-05T01:01"]);
});

test("by a column the age is that of the newest row, however new the version is", async () => {
  await bench.publish(Date.parse("2026-01-03T00:00Z"));
  await bench.expectFresh({ within: "24h", of: "updated_at" });
  expect(await bench.turns("dataset")).toEqual(["stale 2026-01-05T00:00"]);
  await bench.at("2026-01-05T00:10Z");
  await bench.publish(Date.parse("2026-01-04T23:00Z"));
  await bench.at("2026-01-05T00:11Z");
  expect(await bench.turns("dataset")).toEqual(["stale 2026-01-05T00:00", "fresh 2026-01-05T00:11"]);
  const [record] = await bench.store.findExpectations("dataset", ["orders"]);
  expect(record?.dueAtMs).toBe(Date.parse("2026-01-05T23:00Z") + 1);
});

test("what is due beyond one look is looked at in the next ones, and none is forgotten", async () => {
  const names = Array.from({ length: 2_500 }, (_, index) => `d${index}`);
  const datasets = new Map(names.map((name) => [name, toFreshness("1h")]));
  const watch = new ExpectationWatch(bench.store, { jobs: new Map(), datasets });
  const countStale = async (): Promise<number> =>
    (await bench.store.findExpectations("dataset", names)).filter(({ state }) => state === "broken").length;
  for (let looks = 0; looks < 2; looks += 1, bench.nowMs += 1_000) await watch.look();
  bench.nowMs += 2 * hourMs;
  await watch.look();
  expect(await countStale()).toBe(2_000);
  bench.nowMs += 1_000;
  await watch.look();
  expect(await countStale()).toBe(2_500);
});

test("a process leaves rules alone that it does not have, and looks beside others that have them", async () => {
  await bench.start({ finishWithin: "1h" }, daily);
  const other = new ExpectationWatch(bench.store, { jobs: new Map(), datasets: new Map() });
  bench.nowMs = Date.parse("2026-01-05T09:00Z");
  await other.look();
  expect(await bench.turns()).toEqual([]);
  await bench.watch?.look();
  expect(await bench.turns()).toEqual(["late 2026-01-05T09:00"]);
});
