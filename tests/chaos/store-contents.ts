// Reads what the store holds at the end, from its tables with statements of its own and not through the code under
// test.
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import type { ChaosStoreOptions } from "./programs/program-options.ts";

export interface RunRow {
  readonly id: number;
  readonly job: string;
  readonly kind: string;
  readonly parent: number | undefined;
  readonly order: number | undefined;
  readonly createdBy: string;
}

export interface OutcomeRow {
  readonly run: number;
  readonly state: string;
  readonly reason: string | undefined;
  readonly epoch: number;
  readonly result: unknown;
  readonly error: string | undefined;
}

export interface AttemptRow {
  readonly run: number;
  readonly epoch: number;
  readonly worker: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly end: string;
}

/** Everything that is compared with the ledger. */
export interface StoreContents {
  readonly runs: readonly RunRow[];
  readonly outcomes: readonly OutcomeRow[];
  /** Unfinished runs and the table that holds them. */
  readonly held: readonly { readonly run: number; readonly table: string }[];
  readonly attempts: readonly AttemptRow[];
  readonly steps: readonly { readonly run: number; readonly name: string; readonly value: unknown }[];
  readonly units: readonly { readonly run: number; readonly key: string; readonly state: string }[];
  readonly datasets: readonly { readonly run: number; readonly fingerprint: string }[];
  readonly fires: readonly FireRow[];
  readonly workers: readonly { readonly id: number; readonly pid: number }[];
}

export interface FireRow {
  readonly schedule: string;
  readonly fireAtMs: number;
  readonly decision: string;
  readonly run: number | undefined;
  readonly firedAtMs: number;
}

export type SqlValue = string | number | bigint | null | Uint8Array;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** Reads the store without its code. */
export interface StoreReader extends AsyncDisposable {
  rows(sql: string): Promise<readonly SqlRow[]>;
}

/** @param options of the store itself, not of a proxy before it */
export async function openReader(options: ChaosStoreOptions): Promise<StoreReader> {
  if (options.dialect === "sqlite") {
    const database = new DatabaseSync(options.path, { readOnly: true });
    database.exec("pragma busy_timeout = 5000");
    return {
      rows: async (sql) => database.prepare(sql).all(),
      [Symbol.asyncDispose]: async () => database.close(),
    };
  }
  // The server is restarted now and then, so a reader takes a connection that works.
  const pool = new pg.Pool({
    connectionString: options.url,
    options: "-c search_path=millrace",
    max: 2,
    application_name: "chaos-reader",
  });
  pool.on("error", () => undefined);
  return {
    rows: async (sql) => (await pool.query<SqlRow>(sql)).rows,
    [Symbol.asyncDispose]: async () => await pool.end(),
  };
}

export const hotTables: readonly string[] = ["waiting", "scheduled", "ready", "parked", "lease"];

/** Reads all of it; a run of 50,000 fits well into memory. */
export async function readStoreContents(reader: StoreReader): Promise<StoreContents> {
  const rows = (sql: string): Promise<readonly SqlRow[]> => reader.rows(sql);
  const held = hotTables.map((table) => `select run_id, '${table}' as held from ${table}`).join(" union all ");
  return {
    runs: (await rows("select id, job, kind, parent_run_id, params, created_by from run")).map((row) => ({
      id: Number(row["id"]),
      job: String(row["job"]),
      kind: String(row["kind"]),
      parent: optional(row["parent_run_id"], Number),
      order: (parse(row["params"]) as { order?: number }).order,
      createdBy: String(row["created_by"]),
    })),
    outcomes: (await rows("select run_id, state, reason, epoch, result, error from outcome")).map((row) => ({
      run: Number(row["run_id"]),
      state: String(row["state"]),
      reason: optional(row["reason"], String),
      epoch: Number(row["epoch"]),
      result: parse(row["result"]),
      error: optional(row["error"], String),
    })),
    held: (await rows(held)).map((row) => ({ run: Number(row["run_id"]), table: String(row["held"]) })),
    attempts: (await rows(`select run_id, epoch, worker_id, started_at, ended_at, "end" from attempt_log`)).map(
      (row) => ({
        run: Number(row["run_id"]),
        epoch: Number(row["epoch"]),
        worker: Number(row["worker_id"]),
        startedAtMs: Number(row["started_at"]),
        endedAtMs: Number(row["ended_at"]),
        end: String(row["end"]),
      }),
    ),
    steps: (await rows("select run_id, name, value from step")).map((row) => ({
      run: Number(row["run_id"]),
      name: String(row["name"]),
      value: parse(row["value"]),
    })),
    units: (await rows("select run_id, unit_key, state from unit")).map((row) => ({
      run: Number(row["run_id"]),
      key: String(row["unit_key"]),
      state: String(row["state"]),
    })),
    datasets: (await rows("select run_id, fingerprint from dataset")).map((row) => ({
      run: Number(row["run_id"]),
      fingerprint: String(row["fingerprint"]),
    })),
    fires: (await rows("select schedule, fire_at, decision, run_id, fired_at from schedule_fire")).map((row) => ({
      schedule: String(row["schedule"]),
      fireAtMs: Number(row["fire_at"]),
      decision: String(row["decision"]),
      run: optional(row["run_id"], Number),
      firedAtMs: Number(row["fired_at"]),
    })),
    workers: (await rows("select id, pid from worker")).map((row) => ({
      id: Number(row["id"]),
      pid: Number(row["pid"]),
    })),
  };
}

function optional<T>(value: SqlValue | undefined, read: (value: SqlValue) => T): T | undefined {
  return value === null || value === undefined ? undefined : read(value);
}

function parse(value: SqlValue | undefined): unknown {
  return typeof value === "string" ? JSON.parse(value) : null;
}
