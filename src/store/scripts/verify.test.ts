import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { UpstreamFailurePolicy } from "../../core/pipeline.ts";
import type { NewRun } from "../run-records.ts";
import type { Store } from "../store.ts";
import { createSqliteStore } from "../sqlite/sqlite-store.ts";

let folder: string;
let path: string;
let store: Store;
let nowMs = 1_000_000;

// Runs: 1 finished, 2 failed, 3 cancelled by 2, 4 waits for 5, 5 is leased, 6 is scheduled, 7 is ready, 8 was lost for good.
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
    ["I1", "a finished run that is live", "insert into ready values (1, 0, 99, 1, 1, 0)"],
    ["I2", "a lease with an epoch that ended before", "update lease set epoch = 1 where run_id = 5"],
    ["I2", "an outcome older than the newest attempt", "update attempt_log set epoch = 9 where run_id = 1"],
    ["I2", "a ready run whose epoch went back", "update ready set epoch = 0 where run_id = 7"],
    ["I2", "a checkpoint of an old epoch over a new one", "update checkpoint set epoch = 3 - version where run_id = 5"],
    ["I2", "a unit of an epoch that was never claimed", "update unit set epoch = 77 where run_id = 5"],
    ["I3", "two accepted completions", "insert into attempt_log values (1, 0, 1, 1, 1, 2, 'finished', null)"],
    ["I3", "a completion without an outcome", "delete from outcome where run_id = 2"],
    ["I3", "an outcome that contradicts its completion", "update outcome set state = 'FINISHED' where run_id = 2"],
    ["I3", "an outcome that nobody completed", "delete from attempt_log where run_id = 1"],
    ["I3", "a lost outcome without a loss", "update attempt_log set end = 'released' where run_id = 8 and epoch = 1"],
    ["I3", "a gap in a dataset's versions", "update dataset set version = 5"],
    ["I3", "a dataset of a run that never ran", "update dataset set run_id = 6"],
    ["I6", "a gap in a run's events", "delete from event where run_id = 1 and seq = 2"],
    ["I6", "events that do not begin with 1", "delete from event where run_id = 1 and seq = 1"],
    ["I6", "a run without events", "delete from event where run_id = 6"],
    ["I7", "a lease of a worker long dead", "update worker set state = 'dead', ended_at = 0"],
    ["I7", "a lease of a worker that does not exist", "update lease set worker_id = 99"],
    [
      "I9",
      "a run let go before its parent ended",
      "delete from waiting where run_id = 4; insert into ready values (4, 0, 99, 0, 0, 0)",
    ],
    ["I9", "a run that waits for fewer than it should", "update waiting set pending = 0 where run_id = 4"],
    ["I9", "a run that waits for more than there are", "update waiting set pending = 2 where run_id = 4"],
    ["I9", "a run that ran although its parent failed", "update outcome set reason = null, epoch = 1 where run_id = 3"],
    ["I10", "a run in two hot tables", "insert into parked values (7, null, 0, 1, 0, 0)"],
    ["I10", "a run in no table", "delete from scheduled where run_id = 6"],
    ["I10", "a hot row without a run", "insert into ready values (99, 0, 99, 0, 0, 0)"],
  ];

  test.each(plants)("%s: %s", async (invariant, _name, sql) => {
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
    const violations = await store.verify();
    expect(violations.map((violation) => violation.invariant)).toContain(invariant);
    // Every message names what it is about.
    for (const { message } of violations) expect(message).toMatch(/run r\d+|dataset flights/);
  });
});

async function writeSoundHistory(): Promise<void> {
  const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };
  const workerId = await store.registerWorker({ name: "w", ttlMs: 10_000_000, process });
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
  const error = { code: "JOB_FAILED", message: "broke", disposition: "fail", origin: "user-code" } as const;
  await store.settle([
    { runId: first.runId, epoch: first.epoch, end: "finished", result: null },
    { runId: second.runId, epoch: second.epoch, end: "failed", reason: "failed", error },
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
  const doomed = await store.registerWorker({ name: "doomed", ttlMs: 10_000_000, process });
  await store.claim({ workerId: doomed, limit: 1 });
  await store.reap({ limit: 9, deadWorkerIds: [doomed], maxLosses: 1 });
}

async function submit(
  jobs: readonly string[],
  edge?: { parent: number; child: number; onUpstreamFailure: UpstreamFailurePolicy },
  overrides: Partial<NewRun> = {},
): Promise<void> {
  const runs = jobs.map((job) => ({
    job,
    kind: "job" as const,
    params: {},
    tenant: "t",
    createdBy: "test",
    ...overrides,
  }));
  await store.submit({ runs, edges: edge === undefined ? [] : [edge] });
}
