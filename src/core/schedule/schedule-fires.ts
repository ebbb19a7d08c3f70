// Computes the instants at which a schedule fires, purely from its definition. A local time that a zone skips fires at the
// first instant after the gap, one that it repeats fires the first time. A cron expression that fires in every hour advances
// by elapsed time instead: nothing is made up, and both passes of a repeated hour count.
import { MillraceError } from "../errors/errors.ts";
import type { ScheduleTiming } from "./schedule.ts";
import { type CronExpression, parseCron } from "./schedule-cron.ts";
import { parseTimeZone, type TimeZone, type Transition } from "./time-zone.ts";

/** The first fire after `afterMs`; `undefined` when there is none before the calendar ends, and when nobody knows what will come. */
export function nextFire(timing: ScheduleTiming, afterMs: number): number | undefined {
  if (timing.kind === "interval") {
    const steps = Math.floor((afterMs - timing.anchorMs) / timing.everyMs) + 1;
    return timing.anchorMs + steps * timing.everyMs;
  }
  if (timing.kind !== "cron") return undefined;
  return nextCronFire(parseCron(timing.cron), parseTimeZone(timing.timezone), afterMs);
}

/** The last fire before `beforeMs`; `undefined` when there is none in the fifty years before. */
export function previousFire(timing: ScheduleTiming, beforeMs: number): number | undefined {
  if (timing.kind === "interval") {
    const steps = Math.ceil((beforeMs - timing.anchorMs) / timing.everyMs) - 1;
    return timing.anchorMs + steps * timing.everyMs;
  }
  if (timing.kind !== "cron") return undefined;
  let found: number | undefined;
  for (let spanMs = firstSpanMs; found === undefined; spanMs *= 4) {
    found = before(nextFire(timing, beforeMs - Math.min(spanMs, longestSpanMs)), beforeMs);
    if (spanMs >= longestSpanMs) break;
  }
  if (found === undefined) return undefined;
  // None is in [endMs, beforeMs); each look halves what is left.
  for (let endMs = beforeMs; endMs - found > 1;) {
    const middleMs = Math.floor((found + endMs - 1) / 2);
    const later = before(nextFire(timing, middleMs), beforeMs);
    if (later === undefined) endMs = middleMs + 1;
    else found = later;
  }
  return found;
}

/**
 * Fires in [`fromMs`, `toMs`), ascending, the first `max` of them.
 * @throws MillraceError `VALUE_INVALID` unless `max` is a positive integer
 */
export function listFires(timing: ScheduleTiming, fromMs: number, toMs: number, max: number): number[] {
  if (!Number.isSafeInteger(max) || max < 1) {
    throw new MillraceError("VALUE_INVALID", `expected \`max\` to be a positive integer, got: \`${max}\``);
  }
  const fires: number[] = [];
  let at = nextFire(timing, fromMs - 1);
  while (at !== undefined && at < toMs && fires.length < max) {
    fires.push(at);
    at = nextFire(timing, at);
  }
  return fires;
}

const firstSpanMs = 60_000;
/** Beyond the 40 years between a 29th of February that is a Sunday and the next one, where a century has no leap day. */
const longestSpanMs = 50 * 366 * 86_400_000;

function before(atMs: number | undefined, limitMs: number): number | undefined {
  return atMs !== undefined && atMs < limitMs ? atMs : undefined;
}

// One turn for each stretch of time with one offset.
function nextCronFire(cron: CronExpression, zone: TimeZone, afterMs: number): number | undefined {
  for (let earliestMs = afterMs + 1; ;) {
    const change = zone.recentTransition(earliestMs);
    if (change?.atMs === earliestMs && firesInGap(cron, change)) return earliestMs;
    const offsetMs = zone.offsetMs(earliestMs);
    const localMs = cron.nextLocalMs(earliestLocalMs(cron, earliestMs + offsetMs, change) - 1);
    if (localMs === undefined) return undefined;
    const fireMs = localMs - offsetMs;
    const next = zone.nextTransition(earliestMs, fireMs);
    if (next === undefined) return fireMs;
    earliestMs = next.atMs;
  }
}

// A gap of a day or more is a day that the zone never had (Samoa crossing the date line): nothing to make up.
function firesInGap(cron: CronExpression, { atMs, fromMs, toMs }: Transition): boolean {
  if (cron.isEveryHour || toMs <= fromMs || toMs - fromMs >= 86_400_000) return false;
  const localMs = cron.nextLocalMs(atMs + fromMs - 1);
  return localMs !== undefined && localMs < atMs + toMs;
}

// Local times that the change repeats have fired before it.
function earliestLocalMs(cron: CronExpression, localMs: number, change: Transition | undefined): number {
  if (cron.isEveryHour || change === undefined) return localMs;
  return Math.max(localMs, change.atMs + change.fromMs);
}
