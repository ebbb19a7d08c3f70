// The work of a claim does not grow with runs that it cannot take. The tests count statements, rows and query plans,
// not time.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ClaimedRun, WorkerId } from "../rows/run-records.ts";
import type { Script, StepResult } from "../rows/script.ts";
import { claim, hasReady } from "../claim/claim.ts";
import type { Store } from "../store.ts";
import { type Connection, openConnection } from "./connection.ts";
import { toSqlite } from "./run-script.ts";
import { createSqliteStore } from "./sqlite-store.ts";

const many = 100_000;
const now = { nowMs: 1_000_000, aliveMs: 1_000_000 };

let folder: string;
let path: string;
let store: Store;
let workerId: WorkerId;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-plan-"));
  path = join(folder, "store.db");
  store = await createSqliteStore({ path, clock: { now: () => now.nowMs } });
  const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };
  workerId = await store.registerWorker({ name: "w", ttlMs: 60_000, process });
  await store.setLimits([{ gate: "pool:closed", capacity: 1 }]);
  await submit("blocked", ["pool:closed"]);
  await store.claim({ workerId, limit: 1 });
  for (const job of ["foreign", "blocked", "own", "own"]) await submit(job, job === "blocked" ? ["pool:closed"] : []);
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test("100,000 parked runs, and as many that nobody here may take, cost a claim nothing", async () => {
  const before = trace();
  grow();
  const after = trace();
  expect(after.claimed.map(({ job }) => job)).toEqual(["own", "own"]);
  expect(after.steps).toEqual(before.steps);
});

test("a claim looks for rows along indexes alone", () => {
  grow();
  const { plans } = trace();
  // `lease` is as small as the slots of all workers; `engine` has one row, `busy` is the list of lanes, the others are lists of values.
  const scans = plans.filter((line) =>
    /^SCAN (?!lease|engine|busy|r VIRTUAL|json_each|CONSTANT|\(subquery|lane_\d)/.test(line),
  );
  expect(scans).toEqual([]);
  expect(plans.filter((line) => /parked|scheduled|waiting|outcome/.test(line))).toEqual([]);
});

interface Trace {
  readonly claimed: readonly ClaimedRun[];
  /** Rows that each statement gave or wrote. */
  readonly steps: readonly number[];
  readonly plans: readonly string[];
}

// Records the steps and query plans of a claim, and rolls it back.
function trace(): Trace {
  const db = openConnection({ path, busyTimeoutMs: 1_000 });
  const steps: number[] = [];
  const plans: string[] = [];
  const request = { workerId, limit: 10, jobs: new Set(["own", "blocked"]) };
  try {
    db.execute("begin immediate");
    expect(drive(db, hasReady(request), steps, plans)).toBe(true);
    const claimed = drive(db, claim(request, now), steps, plans);
    db.execute("rollback");
    return { claimed, steps, plans };
  } finally {
    db.close();
  }
}

function drive<T>(db: Connection, script: Script<T>, steps: number[], plans: string[]): T {
  let next = script.next();
  while (next.done !== true) {
    if (next.value.kind !== "statement") throw new Error("a claim takes no ids");
    const sql = toSqlite(next.value.sql);
    const plan = db.all<{ detail: string }>(`explain query plan ${sql}`, ...next.value.params);
    plans.push(...plan.map(({ detail }) => detail));
    const result: StepResult = db.step(sql, next.value.params);
    steps.push(result.changes);
    next = script.next(result);
  }
  return next.value;
}

function grow(): void {
  const database = new DatabaseSync(path);
  const rows = `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${many})`;
  database.exec(`
    begin;
    ${rows} insert into run (id, job, kind, root_run_id, params, tenant, created_by, created_at)
      select 1000000 + i, 'own', 'job', 1000000 + i, '{}', 't', 'test', 1 from n;
    ${rows} insert into parked (run_id, lane_id, priority, epoch, attempt, has_children)
      select 1000000 + i, (select id from lane where job = 'own'), 0, 0, 0, 0 from n;
    ${rows} insert into ready (run_id, lane_id, priority, epoch, attempt, has_children)
      select 2000000 + i, (select id from lane where job = 'foreign'), -9, 0, 0, 0 from n;
    ${rows} insert into ready (run_id, lane_id, priority, epoch, attempt, has_children)
      select 3000000 + i, (select id from lane where job = 'blocked'), -9, 0, 0, 0 from n;
    commit;
    analyze;
  `);
  database.close();
}

async function submit(job: string, gates: readonly string[]): Promise<void> {
  await store.submit({ runs: [{ job, kind: "job", params: {}, tenant: "t", createdBy: "test", gates }], edges: [] });
}
