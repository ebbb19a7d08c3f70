// Firing: what is due becomes runs, once. A schedule's row is locked and compared before anything is decided for it, and
// each instant has one row in `schedule_fire`, so neither a second scheduler nor a clock that jumps back repeats it.
import { MillraceError } from "../../core/errors/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import { type PreparedSubmission, prepareSubmission } from "../submit/prepare-submission.ts";
import type { FireDecision, FiredTick, ScheduleTick } from "./schedule-store.ts";
import type { Json } from "../rows/run-records.ts";
import { all, rowList, run, type Script } from "../rows/script.ts";
import { listUnfinishedRoots } from "./job-activity.ts";
import { submit } from "../submit/submit.ts";
import { findFilled, lockWindows, toWindowFill } from "../submit/windows.ts";

/** A tick whose submissions are checked. */
export interface PreparedTick extends Omit<ScheduleTick, "fires"> {
  readonly fires: readonly PreparedFire[];
}

interface PreparedFire {
  readonly fireAtMs: number;
  readonly decision: FireDecision;
  readonly submission: PreparedSubmission | undefined;
  readonly cause: Json | undefined;
  /** The run that has its window already. */
  readonly filledBy?: RunId;
}

/** The most ticks of one transaction. */
export const maxTicks = 1_000;

/** @throws MillraceError as `prepareSubmission` does; `VALUE_INVALID` for a `run` without a submission */
export function prepareTick(tick: ScheduleTick): PreparedTick {
  const runs = tick.fires.filter(({ decision }) => decision === "run");
  if (runs.some(({ submission }) => submission === undefined)) {
    throw new MillraceError(
      "VALUE_INVALID",
      `expected each run of a tick to have a submission, got none: \`${tick.name}\``,
    );
  }
  if (runs.length > 1 && isLimited(tick)) {
    const message = `expected a tick of \`${tick.name}\` to make at most one run, got: \`${runs.length}\``;
    throw new MillraceError("VALUE_INVALID", message);
  }
  const fires = tick.fires.map(({ fireAtMs, decision, submission, cause }) => ({
    fireAtMs,
    decision,
    cause,
    submission: decision === "run" && submission !== undefined ? prepareSubmission(submission) : undefined,
  }));
  return { ...tick, fires };
}

/** About eighteen statements, however many ticks. @throws MillraceError `VALUE_INVALID` for more than `maxTicks` */
export function* fire(ticks: readonly PreparedTick[], nowMs: number): Script<readonly FiredTick[]> {
  if (ticks.length > maxTicks) {
    throw new MillraceError("VALUE_INVALID", `expected at most \`${maxTicks}\` ticks, got: \`${ticks.length}\``);
  }
  const standing = yield* lockStanding(ticks);
  const fresh = yield* leaveOutFilled(yield* leaveOutFired(standing));
  const limited = fresh.filter((tick) => isLimited(tick) && makesRun(tick.fires));
  const unfinished = limited.length === 0 ? noRoots : yield* listUnfinishedRoots(limited.map(({ name }) => name));
  const decided = fresh.map((tick) => decide(tick, unfinished.get(tick.name) ?? []));
  const applied = decided.filter(({ heldBy }) => heldBy.length === 0);
  const fires = applied.flatMap(({ name, fires: own }) => own.map((item) => ({ ...item, schedule: name })));
  const made = yield* submitFires(fires, nowMs);
  yield* recordFires(fires, made, nowMs);
  yield* moveOn(applied, made, nowMs);
  return decided.map(({ name, fires: own, heldBy }) => ({
    name,
    runIds: heldBy.length > 0 ? [] : runIdsOf(own, made),
    heldBy,
    firedAtMs: nowMs,
  }));
}

const noRoots: ReadonlyMap<string, readonly RunId[]> = new Map();

// A schedule that another scheduler has locked or moved is left to that one.
function* lockStanding(ticks: readonly PreparedTick[]): Script<readonly PreparedTick[]> {
  if (ticks.length === 0) return [];
  const rows = yield* all<{ name: string }>(
    `select s.name from (rows ?) r join schedule s on s.name = r.value ->> 'name'
    where s.paused = 0 and s.next_fire_at = cast(r.value ->> 'seen' as bigint) order by s.name for update of s skip locked`,
    rowList(ticks.map(({ name, seenFireAtMs }) => ({ name, seen: seenFireAtMs }))),
  );
  const names = new Set(rows.map(({ name }) => name));
  return ticks.filter(({ name }) => names.delete(name));
}

// An instant may be looked at again after its definition changed.
function* leaveOutFired(ticks: readonly PreparedTick[]): Script<readonly PreparedTick[]> {
  const looked = ticks.flatMap(({ name, fires }) => fires.map(({ fireAtMs }) => ({ name, at: fireAtMs })));
  if (looked.length === 0) return ticks;
  const rows = yield* all<{ schedule: string; fireAtMs: number }>(
    `select f.schedule, f.fire_at as "fireAtMs" from (rows ?) r join schedule_fire f on f.schedule = r.value ->> 'name'
      and f.fire_at = cast(r.value ->> 'at' as bigint)`,
    rowList(looked),
  );
  if (rows.length === 0) return ticks;
  const fired = new Set(rows.map(({ schedule, fireAtMs }) => `${schedule} ${fireAtMs}`));
  return ticks.map((tick) => ({
    ...tick,
    fires: tick.fires.filter(({ fireAtMs }) => !fired.has(`${tick.name} ${fireAtMs}`)),
  }));
}

// A backfill, or a person, may have filled the window of an instant that was late.
function* leaveOutFilled(ticks: readonly PreparedTick[]): Script<readonly PreparedTick[]> {
  const fills = ticks.flatMap(({ fires }) =>
    fires.flatMap((item) => {
      const fill = toWindowFill(item.submission?.runs[0]?.run);
      return fill === undefined ? [] : [{ item, fill }];
    }),
  );
  if (fills.length === 0) return ticks;
  yield* lockWindows(fills.map(({ fill }) => fill.job));
  const found = yield* findFilled(fills.map(({ fill }) => fill));
  if (found.size === 0) return ticks;
  const filledBy = new Map([...found].map(([position, runId]) => [fills[position]?.item, runId]));
  return ticks.map((tick) => ({
    ...tick,
    fires: tick.fires.map((item): PreparedFire => {
      const runId = filledBy.get(item);
      return runId === undefined ? item : { ...item, decision: "filled", submission: undefined, filledBy: runId };
    }),
  }));
}

interface DecidedTick extends PreparedTick {
  readonly heldBy: readonly RunId[];
}

function decide(tick: PreparedTick, unfinished: readonly RunId[]): DecidedTick {
  if (!isLimited(tick) || unfinished.length === 0 || !makesRun(tick.fires)) return { ...tick, heldBy: [] };
  if (tick.whileUnfinished === "hold") return { ...tick, heldBy: unfinished };
  const fires = tick.fires.map((item): PreparedFire =>
    item.decision === "run" ? { ...item, decision: "overlapped", submission: undefined } : item,
  );
  return { ...tick, fires, heldBy: [] };
}

function isLimited({ whileUnfinished = "ignore" }: Pick<ScheduleTick, "whileUnfinished">): boolean {
  return whileUnfinished !== "ignore";
}

function makesRun(fires: readonly PreparedFire[]): boolean {
  return fires.some(({ decision }) => decision === "run");
}

function* submitFires(fires: readonly PreparedFire[], nowMs: number): Script<ReadonlyMap<PreparedSubmission, RunId>> {
  const submissions = fires.flatMap(({ submission }) => (submission === undefined ? [] : [submission]));
  if (submissions.length === 0) return new Map();
  const results = yield* submit(submissions, nowMs);
  return new Map(
    submissions.flatMap((submission, position) => {
      const result = results[position];
      return result === undefined ? [] : [[submission, result.rootRunId] as const];
    }),
  );
}

function* recordFires(
  fires: readonly (PreparedFire & { readonly schedule: string })[],
  made: ReadonlyMap<PreparedSubmission, RunId>,
  nowMs: number,
): Script<void> {
  if (fires.length === 0) return;
  yield* run(
    `insert into schedule_fire (schedule, fire_at, decision, run_id, fired_at, cause)
    select r.value ->> 'schedule', cast(r.value ->> 'at' as bigint), r.value ->> 'decision', cast(r.value ->> 'run' as bigint),
      cast(? as bigint), r.value ->> 'cause' from (rows ?) r`,
    nowMs,
    rowList(
      fires.map(({ schedule, fireAtMs, decision, submission, cause, filledBy }) => ({
        schedule,
        at: fireAtMs,
        decision,
        run: submission === undefined ? (filledBy ?? null) : (made.get(submission) ?? null),
        cause: cause === undefined ? null : JSON.stringify(cause),
      })),
    ),
  );
}

function* moveOn(
  ticks: readonly PreparedTick[],
  made: ReadonlyMap<PreparedSubmission, RunId>,
  nowMs: number,
): Script<void> {
  if (ticks.length === 0) return;
  const rows = ticks.map(({ name, nextFireAtMs, fires, seen }) => {
    const last = fires.findLast(({ submission }) => submission !== undefined);
    return {
      name,
      next: nextFireAtMs,
      seen: seen === undefined ? null : JSON.stringify(seen),
      fired: last?.fireAtMs ?? null,
      run: last?.submission === undefined ? null : (made.get(last.submission) ?? null),
    };
  });
  yield* run(
    `update schedule set next_fire_at = cast(r.value ->> 'next' as bigint), looked_at = cast(? as bigint),
      last_fire_at = coalesce(cast(r.value ->> 'fired' as bigint), last_fire_at),
      last_run_id = coalesce(cast(r.value ->> 'run' as bigint), last_run_id),
      seen = coalesce(r.value ->> 'seen', seen)
    from (rows ?) r where schedule.name = r.value ->> 'name'`,
    nowMs,
    rowList(rows),
  );
}

function runIdsOf(fires: readonly PreparedFire[], made: ReadonlyMap<PreparedSubmission, RunId>): readonly RunId[] {
  return fires.flatMap(({ submission }) => {
    const runId = submission === undefined ? undefined : made.get(submission);
    return runId === undefined ? [] : [runId];
  });
}
