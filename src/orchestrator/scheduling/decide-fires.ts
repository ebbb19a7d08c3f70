// Decides what becomes of a due schedule: which instants make runs, which were missed, and what holds the schedule. It
// is pure, so that two schedulers that look at the same rows decide the same, and bounded, however long nobody looked.
import type { Schedule, ScheduleTiming } from "../../core/schedule/schedule.ts";
import { listFires, nextFire, previousFire } from "../../core/schedule/schedule-fires.ts";
import type { Window } from "../../core/schedule/window.ts";
import type { DueSchedule, FireDecision, JobActivity, ScheduleTick } from "../../store/schedules/schedule-store.ts";

export interface FireInput {
  readonly schedule: Schedule;
  readonly due: DueSchedule;
  /** What the schedule's dependencies and, for fast recovery, its own job did last. */
  readonly activity: ReadonlyMap<string, JobActivity>;
  /** When this process saw it held first, and by what: waiting in line is not being missed. */
  readonly hold?: { readonly sinceMs: number; readonly by: "run" | "dependency" } | undefined;
}

export type FirePlan = TickPlan | HeldPlan;

export interface TickPlan {
  readonly kind: "tick";
  readonly nextFireAtMs: number;
  readonly whileUnfinished: NonNullable<ScheduleTick["whileUnfinished"]>;
  readonly runs: readonly PlannedFire[];
  readonly others: readonly { readonly fireAtMs: number; readonly decision: Exclude<FireDecision, "run"> }[];
  /** Instants from here to the first that is listed are too many to be run or recorded. */
  readonly droppedFromMs: number | undefined;
}

export interface PlannedFire {
  readonly fireAtMs: number;
  readonly window: Window | undefined;
}

/** It stays due, and is looked at again soon. */
export interface HeldPlan {
  readonly kind: "held";
  readonly by: readonly DependencyHold[];
}

export interface DependencyHold {
  readonly job: string;
  /** It is unfinished · its last run failed · it has not run since the schedule's last run. */
  readonly because: "unfinished" | "failed" | "not_run";
}

/** An instant is on time up to this late. */
export const graceMs = 60_000;
/** The most instants that are made up, newest first. */
export const maxCatchUp = 1_000;
/** The most runs, and the most instants without one, of one tick. */
export const maxTickFires = 100;

/** The dependencies that a schedule waits for. Empty when it may fire. */
export function findHolds({ schedule, due, activity }: FireInput): readonly DependencyHold[] {
  const isRecovery = isRecoveryInstant(schedule, due.nextFireAtMs);
  return schedule.dependencies.flatMap((job): DependencyHold[] => {
    const last = activity.get(job);
    if (last?.isUnfinished === true) return [{ job, because: "unfinished" }];
    // The run that failed had what it waited for.
    if (isRecovery) return [];
    if (last?.lastState === "ERROR") return [{ job, because: "failed" }];
    const finishedAtMs = last?.lastFinishedAtMs ?? Number.NEGATIVE_INFINITY;
    const isSince = last?.lastState === "FINISHED" && finishedAtMs > (due.lastFiredAtMs ?? Number.NEGATIVE_INFINITY);
    return isSince ? [] : [{ job, because: "not_run" }];
  });
}

/** What to do with a due schedule at the store's time of the look. */
export function decideFires(input: FireInput): FirePlan {
  const { schedule, due } = input;
  const by = findHolds(input);
  if (by.length > 0) return { kind: "held", by };
  const { instants, droppedFromMs } = latestFires(schedule.timing, due.nextFireAtMs, due.seenAtMs);
  if (instants.length === 0) return decideRecovery(input);
  const plan = schedule.missed === "all" ? planAll(input, instants) : planOne(input, instants);
  const isCut = plan.others.length === maxTickFires;
  return { kind: "tick", ...plan, droppedFromMs: droppedFromMs ?? (isCut ? due.nextFireAtMs : undefined) };
}

type Plan = Omit<TickPlan, "kind" | "droppedFromMs">;

// `none` and `latest`: the newest instant or nothing.
function planOne(input: FireInput, instants: readonly number[]): Plan {
  const { schedule, due } = input;
  const newest = instants.at(-1) ?? due.nextFireAtMs;
  const isLate = lateMs(input, newest) > Math.max(graceMs, schedule.missed === "none" ? 0 : oldestMs(schedule));
  const passed = isLate ? instants : instants.slice(0, -1);
  return {
    nextFireAtMs: nextLook(schedule, due.seenAtMs),
    whileUnfinished: whileUnfinished(schedule),
    runs: isLate ? [] : [toPlanned(schedule, newest)],
    others: withoutRun(input, passed),
  };
}

// One after the other, oldest first; all at once only where runs may overlap.
function planAll(input: FireInput, instants: readonly number[]): Plan {
  const { schedule, due } = input;
  const isTooLate = (at: number): boolean => lateMs(input, at) > Math.max(graceMs, oldestMs(schedule));
  const wanted = instants.filter((at) => !isTooLate(at));
  const now = wanted.slice(0, schedule.overlap === "allow" ? maxTickFires : 1);
  const left = wanted[now.length];
  const isCatchingUp = left !== undefined || now.some((at) => lateMs(input, at) > graceMs);
  return {
    nextFireAtMs: left ?? nextLook(schedule, due.seenAtMs),
    // A missed run that is caught up on waits until the one before it has ended; otherwise only the first would be made.
    whileUnfinished: isCatchingUp && schedule.overlap !== "allow" ? "hold" : whileUnfinished(schedule),
    runs: now.map((at) => toPlanned(schedule, at)),
    others: withoutRun(input, instants.filter(isTooLate)),
  };
}

// Between two instants, fast recovery looks whether the last run FINISHED, whoever started it. One that FINISHED in part is followed by
// one more, since what it lacks may be there again; what is never there must not make a job run all the time.
function decideRecovery({ schedule, due, activity }: FireInput): TickPlan {
  const last = activity.get(due.name);
  const hasEnded = schedule.fastRecoveryMs !== null && last?.isUnfinished === false;
  const isFailed = hasEnded && last.lastState === "ERROR";
  const isPartial = hasEnded && last.isPartial;
  const isOpen = last?.isUnfinished === true;
  return {
    kind: "tick",
    nextFireAtMs: isFailed || isOpen ? nextLook(schedule, due.seenAtMs) : nextNominal(schedule, due.seenAtMs),
    whileUnfinished: schedule.overlap === "allow" ? "ignore" : "hold",
    runs: isFailed || isPartial ? [toPlanned(schedule, due.nextFireAtMs)] : [],
    others: [],
    droppedFromMs: undefined,
  };
}

// After an instant: the next one, or the look of fast recovery when that comes first.
function nextLook(schedule: Schedule, nowMs: number): number {
  const nextMs = nextNominal(schedule, nowMs);
  return schedule.fastRecoveryMs === null ? nextMs : Math.min(nextMs, nowMs + schedule.fastRecoveryMs);
}

function nextNominal({ timing }: Schedule, nowMs: number): number {
  return nextFire(timing, nowMs) ?? endOfTimeMs;
}

// The greatest date there is.
const endOfTimeMs = 8_640_000_000_000_000;

function isRecoveryInstant({ timing, fastRecoveryMs }: Schedule, atMs: number): boolean {
  return fastRecoveryMs !== null && nextFire(timing, atMs - 1) !== atMs;
}

function whileUnfinished({ overlap }: Schedule): TickPlan["whileUnfinished"] {
  return overlap === "skip" ? "skip" : overlap === "allow" ? "ignore" : "hold";
}

function oldestMs({ maxAgeMs }: Schedule): number {
  return maxAgeMs ?? Number.POSITIVE_INFINITY;
}

function lateMs({ due, hold }: FireInput, atMs: number): number {
  return Math.max(0, Math.min(due.seenAtMs, hold?.sinceMs ?? due.seenAtMs) - atMs);
}

function withoutRun({ hold }: FireInput, instants: readonly number[]): TickPlan["others"] {
  const decision = hold?.by === "run" ? "overlapped" : "missed";
  return instants.slice(-maxTickFires).map((fireAtMs) => ({ fireAtMs, decision }));
}

// A run of fast recovery is another try at the window of the instant before.
function toPlanned({ timing, window }: Schedule, fireAtMs: number): PlannedFire {
  const toMs = window ? previousFire(timing, fireAtMs + 1) : undefined;
  const fromMs = toMs === undefined ? undefined : previousFire(timing, toMs);
  if (toMs === undefined || fromMs === undefined) return { fireAtMs, window: undefined };
  return { fireAtMs, window: { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() } };
}

// The newest instants of [fromMs, nowMs], found by stretches that grow backwards from now.
function latestFires(
  timing: ScheduleTiming,
  fromMs: number,
  nowMs: number,
): { instants: readonly number[]; droppedFromMs: number | undefined } {
  let instants: readonly number[] = [];
  for (let spanMs = 60_000; ; spanMs *= 2) {
    const sinceMs = Math.max(fromMs, nowMs - spanMs);
    instants = listFires(timing, sinceMs, nowMs + 1, maxListed);
    if (sinceMs === fromMs && instants.length <= maxCatchUp) return { instants, droppedFromMs: undefined };
    if (instants.length > maxCatchUp) break;
  }
  // A stretch with more than can be listed ends before now; then the newest are looked for one by one.
  const last = instants.at(-1);
  if (instants.length === maxListed && last !== undefined && (nextFire(timing, last) ?? endOfTimeMs) <= nowMs) {
    const newest: number[] = [];
    for (let at = previousFire(timing, nowMs + 1); at !== undefined && newest.length < maxCatchUp;) {
      newest.unshift(at);
      at = previousFire(timing, at);
    }
    instants = newest;
  }
  return { instants: instants.slice(-maxCatchUp), droppedFromMs: fromMs };
}

const maxListed = 20_000;
