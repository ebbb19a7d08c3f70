// Defines the columns that travel with a live run from one hot table to the next, and the inserts into those tables.
import type { RunId } from "../../core/run-id.ts";
import { run, rowList, type Script } from "./script.ts";

/** The columns that all hot tables share. */
export interface HotRun {
  readonly runId: RunId;
  readonly laneId: number;
  readonly priority: number;
  /** Fencing number; grows by one at each claim and never goes back. */
  readonly epoch: number;
  /** Tries that count for the retry policy. */
  readonly attempt: number;
  /** 1 when other runs wait for this one, so that those without dependants never read `edge`. */
  readonly hasChildren: number;
}

/** Select or returning list of a hot table that yields a `HotRun`. */
export const hotColumns = `run_id as "runId", lane_id as "laneId", priority, epoch, attempt, has_children as "hasChildren"`;

export type ScheduledReason = "scheduled" | "waiting_retry" | "waiting_poll";

export interface ScheduledRun extends HotRun {
  readonly runAtMs: number;
  readonly reason: ScheduledReason;
}

export interface ParkedRun extends HotRun {
  readonly pausedBy: string;
  readonly cause: "run" | "job";
  readonly reason: string | null;
  /** Where it goes back to when that is `scheduled`. */
  readonly runAtMs: number | null;
  readonly scheduledReason: ScheduledReason | null;
}

/** The same columns as the targets of an insert. */
export const hotTargets = "run_id, lane_id, priority, epoch, attempt, has_children";

/** The same columns from the rows of a list made with `toRow`. */
export const hotFields = `cast(r.value ->> 'run' as bigint), cast(r.value ->> 'lane' as int), cast(r.value ->> 'priority' as int),
  cast(r.value ->> 'epoch' as int), cast(r.value ->> 'attempt' as int), cast(r.value ->> 'children' as int)`;

/** Puts runs at the end of their lanes' queues, in the order given: the database numbers them as they come. */
export function* insertReady(runs: readonly HotRun[]): Script<void> {
  if (runs.length === 0) return;
  const sql = `insert into ready (${hotTargets}) select ${hotFields} from (rows ?) r order by r.key`;
  yield* run(sql, rowList(runs.map(toRow)));
}

/** Sets runs aside until their times. */
export function* insertScheduled(runs: readonly ScheduledRun[]): Script<void> {
  if (runs.length === 0) return;
  const sql = `insert into scheduled (${hotTargets}, run_at, reason)
    select ${hotFields}, cast(r.value ->> 'at' as bigint), r.value ->> 'reason' from (rows ?) r`;
  yield* run(sql, rowList(runs.map((hot) => ({ ...toRow(hot), at: hot.runAtMs, reason: hot.reason }))));
}

/** Sets runs aside until a person resumes them. */
export function* insertParked(runs: readonly ParkedRun[]): Script<void> {
  if (runs.length === 0) return;
  const sql = `insert into parked (${hotTargets}, paused_by, cause, reason, run_at, scheduled_reason)
    select ${hotFields}, r.value ->> 'by', r.value ->> 'cause', r.value ->> 'reason', cast(r.value ->> 'at' as bigint),
      r.value ->> 'scheduled' from (rows ?) r`;
  const rows = runs.map((hot) => ({
    ...toRow(hot),
    by: hot.pausedBy,
    cause: hot.cause,
    reason: hot.reason,
    at: hot.runAtMs,
    scheduled: hot.scheduledReason,
  }));
  yield* run(sql, rowList(rows));
}

/** Makes runs ready, or scheduled where their time has not come. @returns how many are ready */
export function* insertReadyOrScheduled(
  runs: readonly (HotRun & { readonly runAtMs: number | null })[],
  nowMs: number,
): Script<number> {
  const due = runs.filter(({ runAtMs }) => runAtMs === null || runAtMs <= nowMs);
  const later = runs.flatMap((hot) =>
    hot.runAtMs === null || hot.runAtMs <= nowMs
      ? []
      : [{ ...hot, runAtMs: hot.runAtMs, reason: "scheduled" as const }],
  );
  yield* insertReady(due);
  yield* insertScheduled(later);
  return due.length;
}

/** Fields of a hot run in a row list. */
export function toRow(hot: HotRun): Record<"run" | "lane" | "priority" | "epoch" | "attempt" | "children", number> {
  const { runId, laneId, priority, epoch, attempt, hasChildren } = hot;
  return { run: runId, lane: laneId, priority, epoch, attempt, children: hasChildren };
}
