// The days that a calendar shows, in one time zone. A day begins at the first instant that has its date, so that days of
// 23 and 25 hours, and days without a midnight, are neither doubled nor lost.
import type { TimeZone } from "../../core/schedule/time-zone.ts";
import type { CalendarView } from "../search/schedules-search.ts";

export interface CalendarDay {
  /** Such as `2026-03-29`. */
  readonly date: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** False for the days of other months that fill the first and the last week. */
  readonly isInMonth: boolean;
}

/** The days of a view around `date`; weeks begin on Monday, and a month has whole weeks. */
export function daysOfView(view: CalendarView, date: string, zone: TimeZone): readonly CalendarDay[] {
  const month = date.slice(0, 7);
  return datesOfView(view, date).map((each) => ({
    date: each,
    fromMs: startOfDayMs(each, zone),
    toMs: startOfDayMs(addDays(each, 1), zone),
    isInMonth: view !== "month" || each.startsWith(month),
  }));
}

/** The same view one step on (`1`) or back (`-1`). A month leads to the first day of the other month. */
export function shiftDate(view: CalendarView, date: string, step: 1 | -1): string {
  if (view !== "month") return addDays(date, view === "week" ? 7 * step : step);
  const [year, month] = partsOf(date);
  return isoDate(Date.UTC(year, month - 1 + step, 1));
}

/** The date that an instant has in a zone. */
export function dateAt(atMs: number, zone: TimeZone): string {
  return isoDate(atMs + zone.offsetMs(atMs));
}

/** Ranges to ask the server for, which gives at most 31 days at once: each has 21 days at most. */
export function queryRanges(days: readonly CalendarDay[]): readonly { readonly from: string; readonly to: string }[] {
  const ranges = [];
  for (let start = 0; start < days.length; start += 21) {
    const part = days.slice(start, start + 21);
    const first = part[0];
    const last = part.at(-1);
    if (first === undefined || last === undefined) break;
    ranges.push({ from: new Date(first.fromMs).toISOString(), to: new Date(last.toMs).toISOString() });
  }
  return ranges;
}

const dayMs = 86_400_000;

function datesOfView(view: CalendarView, date: string): readonly string[] {
  if (view === "day") return [date];
  if (view === "week") return datesFrom(mondayOf(date), 7);
  const [year, month] = partsOf(date);
  const first = mondayOf(isoDate(Date.UTC(year, month - 1, 1)));
  const last = isoDate(Date.UTC(year, month, 0));
  const weeks = Math.floor((Date.parse(last) - Date.parse(first)) / (7 * dayMs)) + 1;
  return datesFrom(first, weeks * 7);
}

function datesFrom(first: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => addDays(first, index));
}

function mondayOf(date: string): string {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return addDays(date, -((weekday + 6) % 7));
}

function addDays(date: string, count: number): string {
  return isoDate(Date.parse(`${date}T00:00:00Z`) + count * dayMs);
}

// Around a change of the clock, midnight may exist twice (the first counts) or not at all (the first instant after it counts).
function startOfDayMs(date: string, zone: TimeZone): number {
  const utcMs = Date.parse(`${date}T00:00:00Z`);
  const offsets = [zone.offsetMs(utcMs - 26 * 3_600_000), zone.offsetMs(utcMs + 26 * 3_600_000)];
  const starts = offsets.map((offsetMs) => utcMs - offsetMs).filter((atMs) => dateAt(atMs, zone) === date);
  return starts.length === 0 ? utcMs - zone.offsetMs(utcMs) : Math.min(...starts);
}

function partsOf(date: string): readonly [year: number, month: number] {
  return [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
}

function isoDate(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
