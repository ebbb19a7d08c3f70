import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { UpstreamFailurePolicy } from "../../core/job/pipeline.ts";
import type { RunId } from "../../core/run-id.ts";
import type { NewRun, WorkerId } from "../rows/run-records.ts";
import type { Store } from "../store.ts";
import { createSqliteStore } from "../sqlite/sqlite-store.ts";

let folder: string;
let path: string;
let store: Store;
let nowMs = 1_000_000;

const someError = { code: "JOB_FAILED", message: "broke", disposition: "fail", origin: "user-code" } as const;

// Runs: 1 finished, 2 failed, 3 cancelled by 2, 4 waits for 5, 5 is leased, 6 is scheduled, 7 is ready, 8 was lost for good,
// 9 is leased with limits, a key and a request, 10 was stopped, 11 failed and runs again, 12 is the work of a schedule.
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-verify-"));
  path = join(folder, "store.db");
  nowMs = 1_000_000;
  store = await createSqliteStore({ path, clock: { now: () => nowMs } });
  await writeSoundHistory();
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test("a sound history breaks no invariant", async () => {
  expect(await store.verify()).toEqual([]);
});

describe("a planted corruption is found", () => {
  const plants: readonly [invariant: string, name: string, sql: string][] = [
    ["I1", "a finished run that is live", ready(1, { epoch: 1 })],
    ["I2", "a lease with an epoch that ended before", "update lease set epoch = 1 where run_id = 5"],
    ["I2", "an outcome older than the newest attempt", "update attempt_log set epoch = 9 where run_id = 1"],
    ["I2", "a ready run whose epoch went back", "update ready set epoch = 0 where run_id = 7"],
    ["I2", "a checkpoint of an old epoch over a new one", "update checkpoint set epoch = 3 - version where run_id = 5"],
    ["I2", "a unit of an epoch that was never claimed", "update unit set epoch = 77 where run_id = 5"],
    ["I3", "two accepted completions", attempt(1, 0, "finished")],
    ["I3", "an attempt after the run had finished", attempt(1, 2, "released")],
    ["I3", "a second failure that nobody took back", attempt(2, 0, "failed")],
    ["I3", "a second failure after a rerun", `${attempt(11, 2, "failed")}; ${attempt(11, 3, "failed")}`],
    ["I3", "a completion without an outcome", "delete from outcome where run_id = 2"],
    ["I3", "an outcome that contradicts its completion", "update outcome set state = 'FINISHED' where run_id = 2"],
    ["I3", "an outcome that nobody completed", "delete from attempt_log where run_id = 1"],
    ["I3", "a stop that is no stop", "update outcome set reason = 'failed' where run_id = 10"],
    ["I3", "a lost outcome without a loss", `update attempt_log set "end" = 'released' where run_id = 8 and epoch = 1`],
    ["I3", "a gap in a dataset's versions", "update dataset set version = 5"],
    ["I3", "a dataset of a run that never ran", "update dataset set run_id = 6"],
    ["I5", "a tick without its run", "update schedule_fire set run_id = null where decision = 'run'"],
    ["I5", "a tick whose run was never made", "update schedule_fire set run_id = 99 where decision = 'run'"],
    ["I5", "a missed tick with a run", "update schedule_fire set run_id = 11 where decision = 'missed'"],
    [
      "I5",
      "a window that a backfill and a schedule filled",
      `update run set window_from = 'a', window_to = 'b', params_key = 'k', job = 'twice' where id in (1, 12);
      update run set parent_run_id = 3 where id = 1; update run set kind = 'pipeline', job = 'backfill:twice' where id = 3`,
    ],
    ["I5", "two ticks with one run", "update schedule_fire set decision = 'run', run_id = 12"],
    ["I5", "a schedule that will fire again what it fired", "update schedule set next_fire_at = last_fire_at"],
    ["I6", "a gap in a run's events", "delete from event where run_id = 1 and seq = 2"],
    ["I6", "events that do not begin with 1", "delete from event where run_id = 1 and seq = 1"],
    ["I6", "a run without events", "delete from event where run_id = 6"],
    ["I6", "events that the stream has the other way round", "update event set id = 9999 where run_id = 1 and seq = 1"],
    ["I7", "a lease of a worker long dead", "update worker set state = 'dead', ended_at = 0"],
    ["I7", "a lease of a worker that does not exist", "update lease set worker_id = 99"],
    ["I8", "a slot without a lease", "insert into slot (gate, run_id) values ('pool:gpu', 7)"],
    ["I8", "a slot that the run has no use for", "update slot set gate = 'pool:cpu' where gate = 'pool:gpu'"],
    ["I8", "a name that a gate's name is part of", "update slot set gate = 'pool:gp' where gate = 'pool:gpu'"],
    ["I8", "a lease that passed a gate without a slot", "delete from slot where gate = 'pool:gpu'"],
    ["I8", "more slots taken than there are", "insert into slot (gate, run_id) values ('pool:gpu', 5)"],
    ["I9", "a run let go before its parent ended", `delete from waiting where run_id = 4; ${ready(4)}`],
    ["I9", "a run that waits for fewer than it should", "update waiting set pending = 0 where run_id = 4"],
    ["I9", "a run that waits for more than there are", "update waiting set pending = 2 where run_id = 4"],
    ["I9", "a run that ran although its parent failed", "update outcome set reason = null, epoch = 1 where run_id = 3"],
    ["I9", "a run that forgot who waits for it", "update lease set has_children = 0 where run_id = 5"],
    [
      "I9",
      "an end on its way that never came",
      "insert into fan_out (parent_id, verdict, child_id) values (5, 'finished', 0)",
    ],
    ["I10", "a run in two hot tables", parked(7, { epoch: 1 })],
    ["I10", "a run in no table", "delete from scheduled where run_id = 6"],
    ["I10", "a hot row without a run", ready(99)],
    ["I10", "a hot row in the lane of another job", "update ready set lane_id = 1 where run_id = 7"],
    ["I10", "a request to a run that nobody executes", "update request set run_id = 7"],
    ["I10", "a key of a run that ended", "insert into run_key (run_id, key) values (1, 'old')"],
    ["I10", "a key of another run", "update run_key set key = 'other' where run_id = 9"],
  ];

  test.each(plants)("%s: %s", async (invariant, _name, sql) => {
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
    const violations = await store.verify();
    expect(violations.map((violation) => violation.invariant)).toContain(invariant);
    // Every message names what it is about.
    for (const { message } of violations) expect(message).toMatch(/run r\d+|dataset flights|schedule tick|gate pool:/);
  });
});

describe("what looks like a corruption and is none", () => {
  test("a limit that was put below what executes", async () => {
    await store.setLimits([{ gate: "pool:gpu", capacity: 2 }]);
    await submit(["limited"], undefined, { gates: ["pool:gpu"] });
    const workerId = await register("w2");
    expect(await store.claim({ workerId, limit: 1, jobs: new Set(["limited"]) })).toHaveLength(1);
    await store.setLimits([{ gate: "pool:gpu", capacity: 1 }]);
    expect(await store.verify()).toEqual([]);
  });

  test("names of gates that JSON or a pattern would read otherwise", async () => {
    await submit(["odd"], undefined, { gates: ['tenant:a"b', "tenant:a\\b", "tenant:a%b", "tenant:a,b"] });
    const workerId = await register("w2");
    expect(await store.claim({ workerId, limit: 1, jobs: new Set(["odd"]) })).toHaveLength(1);
    expect(await store.verify()).toEqual([]);
  });

  test("history that retention removed", async () => {
    expect(await store.removeHistory({ endedBeforeMs: nowMs + 1, limit: 9 })).toBe(5);
    expect(await store.findRun(runId(1))).toBeUndefined();
    expect(await store.verify()).toEqual([]);
  });
});

function ready(runId: number, { epoch = 0 } = {}): string {
  return `insert into ready (run_id, lane_id, priority, epoch, attempt, has_children)
    select ${runId}, lane_id, 0, ${epoch}, 0, 0 from ready limit 1`;
}

function parked(runId: number, { epoch = 0 } = {}): string {
  return `insert into parked (run_id, lane_id, cause, priority, epoch, attempt, has_children)
    select ${runId}, lane_id, 'run', 0, ${epoch}, 0, 0 from ready where run_id = ${runId}`;
}

function attempt(runId: number, epoch: number, end: string): string {
  return `insert into attempt_log (run_id, epoch, attempt, worker_id, started_at, ended_at, "end")
    values (${runId}, ${epoch}, 1, 1, 1, 2, '${end}')`;
}

async function writeSoundHistory(): Promise<void> {
  const workerId = await register("w");
  await submit(["finished", "failed", "cancelled"], { parent: 1, child: 2, onUpstreamFailure: "cancel" });
  const [first, second] = await store.claim({ workerId, limit: 2 });
  if (first === undefined || second === undefined) throw new Error("nothing was ready");
  const dataset = {
    dataset: "flights",
    runId: first.runId,
    job: "job",
    locations: [],
    schema: [],
    rowCount: 1,
    fingerprint: "f",
  };
  await store.recordDataset(first, dataset);
  await store.settle([
    { runId: first.runId, epoch: first.epoch, end: "finished", result: null },
    { runId: second.runId, epoch: second.epoch, end: "failed", reason: "failed", error: someError },
  ]);
  await submit(["waiting", "leased"], { parent: 1, child: 0, onUpstreamFailure: "skip" });
  const [earlier] = await store.claim({ workerId, limit: 1 });
  if (earlier === undefined) throw new Error("nothing was ready");
  await store.saveCheckpoint(earlier, 1);
  await store.settle([{ runId: earlier.runId, epoch: earlier.epoch, end: "released" }]);
  const [leased] = await store.claim({ workerId, limit: 1 });
  if (leased === undefined) throw new Error("nothing was ready");
  await store.saveCheckpoint(leased, 2);
  await store.saveUnits(leased, [{ key: "u", state: "done" }]);
  await submit(["scheduled"], undefined, { runAtMs: nowMs + 1_000 });
  await submit(["ready"]);
  const [released] = await store.claim({ workerId, limit: 1 });
  if (released === undefined) throw new Error("nothing was ready");
  await store.settle([{ runId: released.runId, epoch: released.epoch, end: "released" }]);
  await submit(["lost"], undefined, { priority: -1 });
  const doomed = await register("doomed");
  await store.claim({ workerId: doomed, limit: 1 });
  await store.reap({ limit: 9, deadWorkerIds: [doomed], maxLosses: 1 });
  await controlRuns(workerId);
  await fireSchedule();
}

async function controlRuns(workerId: WorkerId): Promise<void> {
  await store.setLimits([{ gate: "pool:gpu", capacity: 1 }]);
  await submit(["limited"], undefined, { gates: ["pool:gpu", "tenant:t"] }, "once");
  await store.claim({ workerId, limit: 1, jobs: new Set(["limited"]) });
  await store.control({ action: "pause", target: { runId: runId(9) }, by: "test" });
  await submit(["stopped"]);
  await store.control({ action: "stop", target: { runId: runId(10) }, by: "test" });
  await submit(["again"]);
  const [failed] = await store.claim({ workerId, limit: 1, jobs: new Set(["again"]) });
  if (failed === undefined) throw new Error("nothing was ready");
  await store.settle([{ runId: failed.runId, epoch: failed.epoch, end: "failed", reason: "failed", error: someError }]);
  await store.control({ action: "rerun", target: { runId: runId(11) }, by: "test" });
}

async function fireSchedule(): Promise<void> {
  await store.saveSchedules([{ name: "tick", definition: {}, nextFireAtMs: nowMs }]);
  const submission = { runs: [newRun("tick", {})], edges: [] };
  const fires = [
    { fireAtMs: nowMs - 1_000, decision: "missed" as const },
    { fireAtMs: nowMs, decision: "run" as const, submission },
  ];
  const tick = {
    name: "tick",
    seenFireAtMs: nowMs,
    nextFireAtMs: nowMs + 1_000,
    whileUnfinished: "skip" as const,
    fires,
  };
  const [fired] = await store.fire([tick]);
  expect(fired?.runIds).toEqual([12]);
}

async function register(name: string): Promise<WorkerId> {
  const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };
  return await store.registerWorker({ name, ttlMs: 10_000_000, process });
}

async function submit(
  jobs: readonly string[],
  edge?: { parent: number; child: number; onUpstreamFailure: UpstreamFailurePolicy },
  overrides: Partial<NewRun> = {},
  runKey?: string,
): Promise<void> {
  const runs = jobs.map((job) => newRun(job, overrides));
  const submission = { runs, edges: edge === undefined ? [] : [edge] };
  await store.submit(runKey === undefined ? submission : { ...submission, runKey });
}

function newRun(job: string, overrides: Partial<NewRun>): NewRun {
  return { job, kind: "job", params: {}, tenant: "t", createdBy: "test", ...overrides };
}

function runId(id: number): RunId {
  return id as RunId;
}
