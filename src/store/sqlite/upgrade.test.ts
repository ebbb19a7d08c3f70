// A file that the first version wrote, with a live run in every table, goes on where it was.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RunId } from "../../core/run-id.ts";
import { runTables } from "../migrations/0001-run-tables.ts";
import type { Json, NewRun } from "../rows/run-records.ts";
import type { Store } from "../store.ts";
import { createSqliteStore } from "./sqlite-store.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-upgrade-"));
  path = join(folder, "store.db");
  writeFirstVersion(path);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("every run of a file of the first version is where it was, and the file is sound", async () => {
  await using store = await createSqliteStore({ path, bootId: "boot" });
  expect(await states(store)).toEqual({
    1: "RUNNING",
    2: "FINISHED",
    3: "RUNNING",
    4: "PENDING waiting_upstream",
    5: "PENDING scheduled",
    6: "PENDING",
    7: "PENDING",
    8: "PAUSED",
    9: "ERROR failed",
    10: "ERROR upstream_failed",
  });
  expect(await store.verify()).toEqual([]);
  expect(await store.listAttempts(9 as RunId)).toMatchObject([{ epoch: 1, end: "failed", worker: "old" }]);
});

test("the runs of a worker of the first version are taken over, and all go on to their ends", async () => {
  await using store = await createSqliteStore({ path, bootId: "boot" });
  expect(await store.reap({ limit: 9, deadWorkerIds: [], maxLosses: 3 })).toEqual([3]);
  expect(await store.control({ action: "resume", target: { runId: 8 as RunId }, by: "ann" })).toMatchObject({
    changed: 1,
  });
  expect(await store.control({ action: "rerun", target: { runId: 9 as RunId }, by: "ann" })).toMatchObject({
    changed: 2,
  });
  await store.promote(9);
  const process = { host: "h", bootId: "boot", pid: 2, startTicks: "2" };
  const workerId = await store.registerWorker({ name: "new", ttlMs: 60_000, process });
  const order: number[] = [];
  for (;;) {
    const [run] = await store.claim({ workerId, limit: 1 });
    if (run === undefined) break;
    order.push(run.runId);
    await store.settle([{ runId: run.runId, epoch: run.epoch, end: "finished", result: null }]);
  }
  // By priority, then in the order in which they became ready, which the file remembers.
  expect(order.slice(0, 2)).toEqual([7, 6]);
  expect(order.toSorted((left, right) => left - right)).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(await store.verify()).toEqual([]);
  const { rootRunId } = await store.submit({
    runs: [{ job: "load", kind: "job", params: {}, tenant: "acme", createdBy: "test" }],
    edges: [],
  });
  expect(rootRunId).toBe(11);
});

test("units from before loops count in each, and windows from before their params had a name are compared by the params", async () => {
  await using store = await createSqliteStore({ path, bootId: "boot" });
  for (const loop of ["1", "2", "=mail"]) {
    expect(await store.loadUnits(3 as RunId, loop)).toEqual([{ key: "page-1", state: "done" }]);
  }
  const window = { from: "2026-01-01T00:00:00.000Z", to: "2026-01-02T00:00:00.000Z" };
  const stateOf = async (params: Json): Promise<string | undefined> => {
    const query = { job: "load", tenant: "acme", params, range: window };
    return (await store.listWindows(query)).windows[0]?.state;
  };
  expect([await stateOf({ day: 1 }), await stateOf({})]).toEqual(["FINISHED", "other_params"]);
  const run: NewRun = { job: "load", kind: "job", params: { day: 1 }, tenant: "acme", createdBy: "test", window };
  expect(await store.fillWindows({ runs: [run], edges: [] }, [0])).toEqual({ taken: [window] });
  expect(await store.verify()).toEqual([]);
});

async function states(store: Store): Promise<Record<number, string>> {
  const runs = await store.listRuns({ limit: 99 });
  return Object.fromEntries(
    runs.map(({ id, state, reason }) => [id, reason === undefined ? state : `${state} ${reason}`]),
  );
}

// Pipeline 1 of 2 (finished), 3 (leased), 4 (waits for 3); 5 is due, 6 and 7 are ready, 8 parked, 9 failed, 10 doomed by 9.
function writeFirstVersion(file: string): void {
  const database = new DatabaseSync(file);
  database.exec(`
    pragma journal_mode = wal;
    pragma application_id = ${0x4d696c6c};
    create table migration (version integer primary key, name text not null, applied_at integer not null) strict;
    ${runTables.sqlite}
    insert into migration values (1, 'run-tables', 1);
    pragma user_version = 1;

    insert into run (id, job, kind, parent_run_id, root_run_id, params, tenant, created_by, created_at) values
      (1, 'daily', 'pipeline', null, 1, '{}', 'acme', 'test', 1), (2, 'load', 'job', 1, 1, '{}', 'acme', 'test', 1),
      (3, 'load', 'job', 1, 1, '{}', 'acme', 'test', 1), (4, 'sum', 'job', 1, 1, '{}', 'acme', 'test', 1),
      (5, 'load', 'job', null, 5, '{}', 'acme', 'test', 1), (6, 'load', 'job', null, 6, '{}', 'other', 'test', 1),
      (7, 'sum', 'job', null, 7, '{}', 'acme', 'test', 1), (8, 'sum', 'job', null, 8, '{}', 'other', 'test', 1),
      (9, 'load', 'job', null, 9, '{}', 'acme', 'test', 1), (10, 'sum', 'job', null, 9, '{}', 'acme', 'test', 1);
    update run set params = '{"day":1}', window_from = '2026-01-01T00:00:00.000Z', window_to = '2026-01-02T00:00:00.000Z'
      where id = 2;
    insert into unit (run_id, unit_key, state, epoch, at) values (3, 'page-1', 'done', 1, 2);
    insert into event (run_id, seq, type, at) select id, 1, 'submitted', 1 from run;
    insert into edge values (2, 1, 'continue'), (3, 1, 'continue'), (4, 1, 'continue'), (3, 4, 'cancel'), (9, 10, 'cancel');
    insert into pipeline_start values (1, 2);
    insert into worker (id, name, state, expires_at, host, boot_id, pid, start_ticks)
      values (1, 'old', 'active', ${Date.now() + 60_000}, 'h', 'boot', 1, '1');
    insert into waiting (run_id, pending, priority, epoch, attempt, has_children)
      values (1, 2, 0, 0, 0, 0), (4, 1, 0, 0, 0, 1);
    insert into lease (run_id, worker_id, started_at, priority, epoch, attempt, has_children) values (3, 1, 2, 0, 1, 1, 1);
    insert into scheduled (run_id, run_at, reason, priority, epoch, attempt, has_children)
      values (5, 5, 'scheduled', 0, 0, 0, 0);
    insert into ready (run_id, priority, seq, epoch, attempt, has_children) values (6, -1, 9, 0, 0, 0), (7, -1, 4, 0, 0, 0);
    insert into parked (run_id, reason, priority, epoch, attempt, has_children) values (8, null, 0, 0, 0, 0);
    insert into attempt_log (run_id, epoch, attempt, worker_id, started_at, ended_at, end)
      values (2, 1, 1, 1, 2, 3, 'finished'), (9, 1, 1, 1, 2, 3, 'failed');
    insert into outcome (run_id, state, reason, epoch, attempt, result, finished_at) values
      (2, 'FINISHED', null, 1, 1, 'null', 3), (9, 'ERROR', 'failed', 1, 1, null, 3),
      (10, 'ERROR', 'upstream_failed', 0, 0, null, 3);
  `);
  database.close();
}
