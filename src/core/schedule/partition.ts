// A range of time cut into the parts that are read on their own. Parts are half-open, without gaps, and follow the calendar of a
// zone from the beginning of the range, whose day stays the anchor: months from 31 January begin on 31 January, 29 February, 31 March.
import { MillraceError } from "../errors/errors.ts";
import type { TimeZone } from "./time-zone.ts";
import type { Window } from "./window.ts";

/** A step of the calendar. */
export type Period = "hourly" | "daily" | "weekly" | "monthly" | "yearly";

/** How a range is cut: by one step, by an ISO period such as `P15D`, `P1M` or `PT6H`, or by several steps one after the other. */
export type Partition = "none" | Period | { readonly every: string } | Sections;

/** Steps and the range that each of them cuts; the last one may end `now`. */
export type Sections = { readonly [Step in Period]?: readonly [from: string, to: string] };

/** One part. */
export interface Part extends Window {
  /** False for the last one when the range ends within it. */
  readonly isWhole: boolean;
}

/**
 * The parts of a range in their order, cut by one step; none of them is empty. `listSections` takes what has several.
 * @throws MillraceError `VALUE_INVALID` for a period that is none
 */
export function* listParts(
  { from, to }: Window,
  partition: Exclude<Partition, Sections>,
  zone: TimeZone,
): Generator<Part> {
  const step = toStep(partition);
  if (step === undefined) {
    if (from < to) yield { from, to, isWhole: true };
    return;
  }
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  let startMs = fromMs;
  for (let index = 1; startMs < toMs; index += 1) {
    const endMs = addSteps(fromMs, step, index, zone);
    yield { from: toInstant(startMs), to: toInstant(Math.min(endMs, toMs)), isWhole: endMs <= toMs };
    startMs = endMs;
  }
}

/** Whether a text is a period that `every` takes. */
export function isPeriod(text: string): boolean {
  return parsePeriod(text) !== undefined;
}

/** The instant that is a period before another one, by the calendar of a zone. */
export function periodBefore(at: string, period: string, zone: TimeZone): string {
  const step = parsePeriod(period) ?? { unit: "day", count: 0 };
  return toInstant(addSteps(Date.parse(at), step, -1, zone));
}

interface Step {
  readonly unit: "hour" | "day" | "month";
  readonly count: number;
}

const steps: Readonly<Record<Period, Step>> = {
  hourly: { unit: "hour", count: 1 },
  daily: { unit: "day", count: 1 },
  weekly: { unit: "day", count: 7 },
  monthly: { unit: "month", count: 1 },
  yearly: { unit: "month", count: 12 },
};

/** Names of the steps, the shortest first. */
export const periods: readonly Period[] = ["hourly", "daily", "weekly", "monthly", "yearly"];

function toStep(partition: Exclude<Partition, Sections>): Step | undefined {
  if (partition === "none") return undefined;
  if (typeof partition === "string") return steps[partition];
  const step = parsePeriod(partition.every);
  if (step !== undefined) return step;
  throw new MillraceError(
    "VALUE_INVALID",
    `expected \`every\` to be a period such as \`P15D\`, got: \`${partition.every}\``,
    {
      hint: "write P and a number of days (D), weeks (W), months (M) or years (Y), or PT and a number of hours (H)",
    },
  );
}

function parsePeriod(text: string): Step | undefined {
  const match = /^P(?:([1-9]\d{0,3})([DWMY])|T([1-9]\d{0,3})H)$/.exec(text);
  if (match === null) return undefined;
  const [, calendar, unit, hours] = match;
  if (hours !== undefined) return { unit: "hour", count: Number(hours) };
  const count = Number(calendar);
  if (unit === "D" || unit === "W") return { unit: "day", count: unit === "W" ? count * 7 : count };
  return { unit: "month", count: unit === "Y" ? count * 12 : count };
}

function addSteps(anchorMs: number, { unit, count }: Step, times: number, zone: TimeZone): number {
  if (unit === "hour") return anchorMs + count * times * hourMs;
  const local = new Date(anchorMs + zone.offsetMs(anchorMs));
  const day = local.getUTCDate();
  if (unit === "day") {
    local.setUTCDate(day + count * times);
    return toUtc(local.getTime(), zone);
  }
  local.setUTCDate(1);
  local.setUTCMonth(local.getUTCMonth() + count * times);
  const lastDay = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 0)).getUTCDate();
  local.setUTCDate(Math.min(day, lastDay));
  return toUtc(local.getTime(), zone);
}

/** A time that clocks skip is the one that they show instead; of one that they show twice, it is the first. */
function toUtc(localMs: number, zone: TimeZone): number {
  const guess = localMs - zone.offsetMs(localMs);
  return localMs - zone.offsetMs(guess);
}

function toInstant(ms: number): string {
  return new Date(ms).toISOString();
}

const hourMs = 3_600_000;
