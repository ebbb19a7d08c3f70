import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunId } from "../../core/run-id.ts";
import type { RunFilter } from "./run-records.ts";
import { type Connection, openConnection } from "../sqlite/connection.ts";
import { migrate } from "../sqlite/migrate.ts";
import { toSqlite } from "../sqlite/run-script.ts";
import { listRunIds } from "./run-pages.ts";

let folder: string;
let db: Connection;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-pages-"));
  db = openConnection({ path: join(folder, "store.db"), busyTimeoutMs: 100 });
  migrate(db, 0);
});

afterAll(async () => {
  db.close();
  await rm(folder, { recursive: true });
});

const job = "job";
const rootsOnly = true;
const parentRunId = 1 as RunId;

// What is read comes in the order of the page, so that the limit ends it.
test.each<Omit<RunFilter, "limit">>([
  {},
  { rootsOnly },
  { job },
  { job, rootsOnly },
  { parentRunId },
  { state: "ERROR" },
  { state: "FINISHED" },
  { state: "ERROR", rootsOnly },
  { state: "FINISHED", rootsOnly },
  { state: "ERROR", job },
  { state: "FINISHED", job },
])("a page of %j is a walk along an index", (filter) => {
  const plan = explain({ ...filter, limit: 50 });
  expect(plan.filter((step) => step.startsWith("SCAN"))).toEqual([]);
  expect(plan.filter((step) => step.includes("ORDER BY"))).toEqual([]);
});

// The first runs of each hot table are read, and then put in order.
test.each<Omit<RunFilter, "limit">>([
  { state: "RUNNING" },
  { state: "PAUSED" },
  { state: "PENDING" },
  { state: "RUNNING", job },
  { state: "PAUSED", job },
  { state: "PENDING", job, rootsOnly },
])("a page of %j reads live runs alone", (filter) => {
  const plan = explain({ ...filter, limit: 50 });
  expect(plan.filter((step) => /^SCAN (?:r|o|x|ps|run|outcome)\b/.test(step))).toEqual([]);
});

test("children in one state are few, and all of them are looked at", () => {
  const plan = explain({ state: "ERROR", parentRunId, limit: 50 });
  expect(plan[0]).toBe("SEARCH r USING COVERING INDEX run_by_parent (parent_run_id=? AND rowid<?)");
  expect(plan.filter((step) => step.startsWith("SCAN"))).toEqual([]);
});

function explain(filter: RunFilter): string[] {
  const { value: step } = listRunIds(filter).next();
  if (step === undefined || !("kind" in step) || step.kind !== "statement") throw new Error("a page is one statement");
  const rows = db.all<{ detail: string }>(`explain query plan ${toSqlite(step.sql)}`, ...step.params);
  return rows.map(({ detail }) => detail);
}
