// Schedules as people and schedulers see and change them; firing is in fire-schedules.ts.
import type { RunId } from "../../core/run-id.ts";
import type { Json } from "../rows/run-records.ts";
import type { DueSchedule, FireRecord, NewSchedule, ScheduleRecord } from "./schedule-store.ts";
import { all, one, rowList, run, type Script } from "../rows/script.ts";

/** One statement. A definition that is the same text changes nothing, so that its next fire stays where it is. */
export function* saveSchedules(schedules: readonly NewSchedule[]): Script<void> {
  if (schedules.length === 0) return;
  const rows = schedules.map(({ name, definition, nextFireAtMs }) => ({
    name,
    definition: JSON.stringify(definition),
    at: nextFireAtMs,
  }));
  // In the order of names, so that two processes that start together wait for each other and never in a circle.
  yield* run(
    `insert into schedule (name, definition, next_fire_at)
    select r.value ->> 'name', r.value ->> 'definition', cast(r.value ->> 'at' as bigint) from (rows ?) r where true order by 1
    on conflict (name) do update set definition = excluded.definition, next_fire_at = excluded.next_fire_at,
      seen = null, looked_at = null
    where schedule.definition <> excluded.definition`,
    rowList(rows),
  );
}

export function* removeSchedule(name: string): Script<boolean> {
  return (yield* run("delete from schedule where name = ?", name)) > 0;
}

/** @returns whether there is such a schedule */
export function* pauseSchedule(name: string, paused: boolean, by: string): Script<boolean> {
  const changed = yield* run(
    "update schedule set paused = ?, paused_by = ? where name = ?",
    paused ? 1 : 0,
    paused ? by : null,
    name,
  );
  return changed > 0;
}

export function* listSchedules(): Script<readonly ScheduleRecord[]> {
  const rows = yield* all<ScheduleRow>(`select ${scheduleColumns} from ${schedulesWithRun} order by s.name`);
  return rows.map(toRecord);
}

/** A range of the index of due schedules. */
export function* listDueSchedules(
  limit: number,
  after: Pick<ScheduleRecord, "name" | "nextFireAtMs"> | undefined,
  nowMs: number,
): Script<readonly DueSchedule[]> {
  const rows = yield* all<ScheduleRow>(
    `select ${scheduleColumns} from ${schedulesWithRun}
    where s.paused = 0 and s.next_fire_at <= ? and (s.next_fire_at, s.name) > (?, ?)
    order by s.next_fire_at, s.name limit ?`,
    nowMs,
    after?.nextFireAtMs ?? Number.MIN_SAFE_INTEGER,
    after?.name ?? "",
    limit,
  );
  return rows.map((row) => ({ ...toRecord(row), seenAtMs: nowMs }));
}

export function* nextFireInMs(afterMs: number | undefined, nowMs: number): Script<number | undefined> {
  const row = yield* one<{ at: number }>(
    "select next_fire_at as at from schedule where paused = 0 and next_fire_at > ? order by next_fire_at limit 1",
    afterMs ?? Number.MIN_SAFE_INTEGER,
  );
  return row === undefined ? undefined : Math.max(0, row.at - nowMs);
}

export function* listFires(
  schedule: string,
  beforeFireAtMs: number | undefined,
  limit: number,
): Script<readonly FireRecord[]> {
  const rows = yield* all<Omit<FireRecord, "runId" | "cause"> & { runId: RunId | null; cause: string | null }>(
    `select schedule, fire_at as "fireAtMs", decision, run_id as "runId", fired_at as "firedAtMs", cause from schedule_fire
    where schedule = ? and fire_at < ? order by fire_at desc limit ?`,
    schedule,
    beforeFireAtMs ?? Number.MAX_SAFE_INTEGER,
    limit,
  );
  return rows.map((row) => ({ ...row, runId: row.runId ?? undefined, cause: parseOptional(row.cause) }));
}

/** Among the last `lookBack` fires of each schedule those that made no run; a range of the primary key for each. */
export function* listSkippedFires(schedules: readonly string[], lookBack: number): Script<readonly FireRecord[]> {
  if (schedules.length === 0) return [];
  const rows = yield* all<Omit<FireRecord, "runId" | "cause">>(
    `select f.schedule, f.fire_at as "fireAtMs", f.decision, f.fired_at as "firedAtMs"
    from (rows ?) r ordered join schedule_fire f on f.schedule = r.value ->> 'schedule' and f.fire_at >= coalesce(
      (select min(fire_at) from (select fire_at from schedule_fire n where n.schedule = r.value ->> 'schedule'
        order by fire_at desc limit ?) newest), 0)
    where f.decision not in ('run', 'filled') order by f.schedule, f.fire_at desc`,
    rowList(schedules.map((schedule) => ({ schedule }))),
    lookBack,
  );
  return rows.map((row) => ({ ...row, runId: undefined, cause: undefined }));
}

const scheduleColumns = `s.name, s.definition, s.next_fire_at as "nextFireAtMs", s.last_fire_at as "lastFireAtMs",
  s.last_run_id as "lastRunId", s.paused, s.paused_by as "pausedBy", s.seen,
  s.looked_at as "lookedAtMs", coalesce(run.created_at, s.last_fire_at) as "lastFiredAtMs"`;

const schedulesWithRun = "schedule s left join run on run.id = s.last_run_id";

interface ScheduleRow {
  readonly name: string;
  readonly definition: string;
  readonly nextFireAtMs: number;
  readonly lastFireAtMs: number | null;
  readonly lastRunId: RunId | null;
  readonly paused: number;
  readonly pausedBy: string | null;
  readonly seen: string | null;
  readonly lookedAtMs: number | null;
  readonly lastFiredAtMs: number | null;
}

function toRecord(row: ScheduleRow): ScheduleRecord {
  return {
    name: row.name,
    definition: JSON.parse(row.definition) as Json,
    nextFireAtMs: row.nextFireAtMs,
    paused: row.paused === 1,
    pausedBy: row.pausedBy ?? undefined,
    lastFireAtMs: row.lastFireAtMs ?? undefined,
    lastRunId: row.lastRunId ?? undefined,
    seen: parseOptional(row.seen),
    lookedAtMs: row.lookedAtMs ?? undefined,
    lastFiredAtMs: row.lastFiredAtMs ?? undefined,
  };
}

function parseOptional(text: string | null): Json | undefined {
  return text === null ? undefined : (JSON.parse(text) as Json);
}
