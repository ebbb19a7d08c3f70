// The working calendar: on which days and in which hours people work. It makes a second series beside the time of the clock, never instead of it.
import { MillraceError } from "../../../core/errors/errors.ts";
import { listText, quote } from "../sql-values.ts";

export type WorkingDay = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";

export interface WorkingCalendar {
  /** Default: Monday to Friday. */
  readonly days?: readonly WorkingDay[];
  /** Of each of these days, as `HH:MM`; `24:00` is the end of the day. Default: `09:00` to `17:00`. */
  readonly hours?: { readonly from: string; readonly to: string };
  /** Days such as `2026-12-25` on which nobody works. Default: none. */
  readonly holidays?: readonly string[];
}

export interface SettledCalendar {
  /** 1 is Monday. */
  readonly days: readonly number[];
  readonly fromMinutes: number;
  readonly toMinutes: number;
  readonly holidays: readonly string[];
}

const names: readonly WorkingDay[] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/**
 * @returns null without a calendar
 * @throws MillraceError `JOB_INVALID` for a day or holiday that is none, no day, or hours that end before they begin
 */
export function settleCalendar(where: string, calendar: WorkingCalendar | undefined): SettledCalendar | null {
  if (calendar === undefined) return null;
  const { days = names.slice(0, 5), hours = { from: "09:00", to: "17:00" }, holidays = [] } = calendar;
  const unknown = days.find((day) => !names.includes(day));
  if (unknown !== undefined || days.length === 0) {
    throw invalid(
      where,
      `expected \`calendar.days\` to be of \`${names.join("`, `")}\`, got: \`${unknown ?? "none"}\``,
    );
  }
  const wrong = holidays.find((day) => !isDay(day));
  if (wrong !== undefined) {
    throw invalid(where, `expected \`calendar.holidays\` to be days such as \`2026-12-25\`, got: \`${wrong}\``);
  }
  const [fromMinutes, toMinutes] = [toMinutesOfDay(hours.from), toMinutesOfDay(hours.to)];
  if (fromMinutes === undefined || toMinutes === undefined || fromMinutes >= toMinutes) {
    const got = `\`${hours.from}\` to \`${hours.to}\``;
    throw invalid(
      where,
      `expected \`calendar.hours\` to be two times of a day such as \`09:00\` and \`17:00\`, got: ${got}`,
    );
  }
  return {
    days: [...new Set(days)].map((day) => names.indexOf(day) + 1).toSorted((a, b) => a - b),
    fromMinutes,
    toMinutes,
    holidays: [...new Set(holidays)].toSorted((a, b) => (a < b ? -1 : 1)),
  };
}

/**
 * `working_time(moment, seconds)`: for each instant of a table how many seconds of working time were before it, from the first of the instants on, so that the working time between
 * two instants is the difference of theirs, and that of stages adds up. Hours are those of the wall clock in the zone: a day in which clocks
 * change in working hours has as many seconds as really pass.
 *
 * Definition: elapsed business time, beside the time of the clock and not in its place, as weekends are part of what customers wait for
 * (https://dora.dev/guides/dora-metrics-four-keys/ measures by the clock).
 * @param moments a select with the column `moment`; NULL is left out
 */
export function workedTables(calendar: SettledCalendar, timezone: string, moments: string): readonly string[] {
  const zone = quote(timezone);
  const { days, fromMinutes, toMinutes, holidays } = calendar;
  return [
    `working_moments as materialized (select distinct moment from (${moments}) where moment is not null)`,
    `working_days as (
      select unnest(generate_series((select min(moment) - interval 2 day from working_moments)::timestamp::date::timestamp,
        (select max(moment) + interval 2 day from working_moments)::timestamp::date::timestamp, interval 1 day)) as day)`,
    `working_spans as (
      select start_at, epoch(end_at)::bigint - epoch(start_at)::bigint as length,
        sum(epoch(end_at)::bigint - epoch(start_at)::bigint) over (order by start_at rows unbounded preceding) - (epoch(end_at)::bigint - epoch(start_at)::bigint) as before
      from (
        select (day + interval ${fromMinutes} minute) at time zone ${zone} as start_at, (day + interval ${toMinutes} minute) at time zone ${zone} as end_at
        from working_days
        where isodow(day) in (${days.join(", ")}) and not list_contains(${listText(holidays)}, strftime(day, '%Y-%m-%d'))))`,
    `working_time as materialized (
      select m.moment, coalesce(s.before + least(epoch(m.moment)::bigint - epoch(s.start_at)::bigint, s.length), 0)::bigint as seconds
      from working_moments m asof left join working_spans s on m.moment >= s.start_at)`,
  ];
}

/** Working seconds between two instants that are among the moments, none when the second is before the first, NULL without both; needs `working_time`. */
export function workedBetween(from: string, to: string): string {
  const before = (instant: string): string => `(select w.seconds from working_time w where w.moment = ${instant})`;
  // `greatest` leaves NULL out
  return `case when ${from} is not null and ${to} is not null then greatest(${before(to)} - ${before(from)}, 0) end`;
}

function toMinutesOfDay(text: string): number | undefined {
  const [, hours = "", minutes = ""] = /^(\d{2}):(\d{2})$/.exec(text) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  return hours === "" || Number(minutes) > 59 || total > 24 * 60 ? undefined : total;
}

function isDay(text: string): boolean {
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isFinite(atMs) && new Date(atMs).toISOString().startsWith(text);
}

function invalid(where: string, message: string): MillraceError {
  return new MillraceError("JOB_INVALID", `${where}: ${message}`);
}
