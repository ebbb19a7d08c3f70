// Checks what Millrace needs of the machine: Node, SQLite, DuckDB, and a clock that makes sense.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDuckDbEngine } from "../../compute/duckdb/duckdb-engine.ts";
import { createSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import { type Diagnosis, diagnose, type Finding } from "./diagnosis.ts";
import { formatInstant } from "../print/format-time.ts";

/** Each part is tried out, not only found. */
export async function diagnoseMachine(nowMs: number): Promise<Diagnosis[]> {
  return [
    await diagnose("node", () => ({ detail: `${process.version} on ${process.platform} ${process.arch}` })),
    await diagnose("sqlite", trySqlite),
    await diagnose("duckdb", tryDuckDb),
    await diagnose("clock", () => lookAtClock(nowMs)),
  ];
}

async function trySqlite(): Promise<Finding> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-doctor-"));
  try {
    await using store = await createSqliteStore({ path: join(folder, "store.db") });
    await store.listRuns({ limit: 1 });
    return { detail: `SQLite ${process.versions.sqlite ?? ""} makes and reads a store`.replace("  ", " ") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tryDuckDb(): Promise<Finding> {
  await using engine = createDuckDbEngine({ threads: 1, memoryLimit: "256MB" });
  await using session = await engine.open();
  const [row] = await session.query("select version() as version");
  return { detail: `DuckDB ${String(row?.["version"])} answers a query` };
}

// A machine whose clock was never set starts in 1970 or at the date of its firmware.
const earliestMs = Date.UTC(2025, 0, 1);

function lookAtClock(nowMs: number): Finding {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const detail = `${formatInstant(nowMs, 0)}, time zone ${zone}`;
  if (nowMs >= earliestMs) return { detail };
  return { status: "fail", detail, hint: "set the machine's clock: leases and schedules are kept by it" };
}
