// What is expected of a job in time: each run of its schedule has finished so long after its instant, or by a time of the day.
import { type Duration, formatDuration, parseDuration } from "../duration.ts";
import { expecting, optional } from "../spec/option-notes.ts";
import { duration, text } from "../spec/option-values.ts";
import { parseOptions, refusal } from "../spec/parse-options.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";
import { isTrigger, type Schedule, type ScheduleTiming } from "./schedule.ts";
import { nextFire, previousFire } from "./schedule-fires.ts";

/** One of both, or both: then the earlier one counts. */
export interface SlaOptions {
  /** From the instant of the schedule, or from when a run was started that no time has started, to its end. */
  readonly finishWithin?: Duration;
  /** A time of the day such as `06:00`, in the time zone of the schedule. */
  readonly by?: string;
}

/** Checked, and plain JSON. */
export interface Sla {
  readonly version: 1;
  /** Of a schedule that fires at times; null when only finished runs tell that one was due. */
  readonly timing: Extract<ScheduleTiming, { kind: "cron" | "interval" }> | null;
  readonly finishWithinMs: number | null;
  /** A cron expression for the time of the day, in the zone of the schedule. */
  readonly by: { readonly cron: string; readonly timezone: string } | null;
}

/** An instant of a schedule, and until when its run is to have finished. */
export interface Expected {
  readonly fireAtMs: number;
  readonly deadlineMs: number;
}

const timePattern = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

export const slaSpec: Spec<SlaOptions> = defineSpec<SlaOptions>()(() => ({
  finishWithin: optional(duration("a duration of at least one second, such as `2h`", (ms) => ms >= 1_000)).describe(
    "a run is late when it has not finished so long after its instant, or after it was started where no time starts it",
  ),
  by: optional(expecting("a time of the day such as `06:00`", text().regex(timePattern))).describe(
    "a run is late when it has not finished at this time, the first one after its instant, in the time zone of the schedule",
  ),
}));

/**
 * Checks what is expected of a job or pipeline.
 * @throws MillraceError `JOB_INVALID`
 */
export function createSla(name: string, options: SlaOptions, schedule: Schedule | undefined): Sla {
  const where = `\`sla\` of \`${name}\``;
  const { finishWithin, by } = parseOptions(slaSpec, options, where);
  if (finishWithin === undefined && by === undefined)
    throw refusal(where, [], "an object with `finishWithin` or `by`", options);
  const timing = schedule === undefined || isTrigger(schedule.timing) ? null : schedule.timing;
  if (by !== undefined && timing === null) {
    const hint = "without one nobody knows which run is due; `finishWithin` counts from the start of each run";
    throw refusal(where, ["by"], "left out without a schedule of `cron` or `every`", by, { hint });
  }
  return Object.freeze({
    version: 1,
    timing,
    finishWithinMs: finishWithin === undefined ? null : parseDuration(finishWithin),
    by: by === undefined ? null : { cron: toCron(by), timezone: timing?.kind === "cron" ? timing.timezone : "UTC" },
  });
}

/** The first instant after `afterMs` with its deadline; `undefined` when nobody knows one. */
export function nextExpected(sla: Sla, afterMs: number): Expected | undefined {
  const fireAtMs = sla.timing === null ? undefined : nextFire(sla.timing, afterMs);
  return fireAtMs === undefined ? undefined : { fireAtMs, deadlineMs: deadlineOf(sla, fireAtMs) };
}

/**
 * The newest instant whose deadline is not after `nowMs`, from the one that is awaited on; `undefined` when that is still
 * to come.
 */
export function newestDue(sla: Sla, awaitedAtMs: number, nowMs: number): Expected | undefined {
  let newest: Expected | undefined = { fireAtMs: awaitedAtMs, deadlineMs: deadlineOf(sla, awaitedAtMs) };
  if (newest.deadlineMs > nowMs) return undefined;
  for (let step = 0; step < maxSteps; step += 1) {
    const next = nextExpected(sla, newest.fireAtMs);
    if (next === undefined || next.deadlineMs > nowMs) return newest;
    newest = next;
  }
  return lastDue(sla, nowMs) ?? newest;
}

/** What is expected, in words: `finished within 2h`, `finished by 06:00 Europe/Berlin`. */
export function describeSla({ finishWithinMs, by }: Sla): string {
  const parts = [
    ...(finishWithinMs === null ? [] : [`within ${formatDuration(finishWithinMs)}`]),
    ...(by === null ? [] : [`by ${toTime(by.cron)} ${by.timezone}`]),
  ];
  return `finished ${parts.join(" and ")}`;
}

/** Beyond this the calendar is asked from its end, which costs more for one look and less for many. */
const maxSteps = 20;

function lastDue(sla: Sla, nowMs: number): Expected | undefined {
  const { timing, finishWithinMs, by } = sla;
  if (timing === null) return undefined;
  const lastTime = by === null ? undefined : previousFire({ kind: "cron", ...by }, nowMs + 1);
  const candidates = [
    finishWithinMs === null ? undefined : previousFire(timing, nowMs - finishWithinMs + 1),
    lastTime === undefined ? undefined : previousFire(timing, lastTime),
  ].filter((fireAtMs) => fireAtMs !== undefined);
  if (candidates.length === 0) return undefined;
  const fireAtMs = Math.max(...candidates);
  return { fireAtMs, deadlineMs: deadlineOf(sla, fireAtMs) };
}

function deadlineOf({ finishWithinMs, by }: Sla, fireAtMs: number): number {
  const within = finishWithinMs === null ? Infinity : fireAtMs + finishWithinMs;
  // A change of the clock moves a time of the day as it moves a schedule.
  const atTime = by === null ? undefined : nextFire({ kind: "cron", ...by }, fireAtMs);
  return Math.min(within, atTime ?? Infinity);
}

function toCron(time: string): string {
  const [hour = "0", minute = "0"] = time.split(":");
  return `${Number(minute)} ${Number(hour)} * * *`;
}

function toTime(cron: string): string {
  const [minute = "0", hour = "0"] = cron.split(" ");
  return `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
}
