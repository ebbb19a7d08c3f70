// Puts fires of the server's calendar into the days and hours of a view. Each fire is in exactly one day.
import { type Calendar } from "../../api/schedule.ts";
import { type CalendarDay } from "./calendar-days.ts";

export type CalendarFire = Calendar["fires"][number];
export type ClockChange = Calendar["transitions"][number];

export interface PlacedDay extends CalendarDay {
  readonly fires: readonly CalendarFire[];
  /** The same fires by job, jobs in order of their first fire. */
  readonly jobs: readonly JobFires[];
  readonly clockChanges: readonly ClockChange[];
}

export interface JobFires {
  readonly jobName: string;
  readonly fires: readonly CalendarFire[];
  readonly missed: number;
  readonly overlapped: number;
  /** Whether a change of the clock moves or doubles one of them. */
  readonly hasDst: boolean;
}

/** Fires by day. Calendars of neighbouring ranges may state the same fire or change; it is shown once. */
export function placeFires(days: readonly CalendarDay[], calendars: readonly Calendar[]): readonly PlacedDay[] {
  const fires = distinct(
    calendars.flatMap((calendar) => calendar.fires),
    (fire) => `${fire.at} ${fire.job_name}`,
  ).toSorted((a, b) => compare(a.at, b.at) || compare(a.job_name, b.job_name));
  const changes = distinct(
    calendars.flatMap((calendar) => calendar.transitions),
    (change) => `${change.at} ${change.timezone}`,
  );
  return days.map((day) => {
    const inDay = (item: { readonly at: string }): boolean => isIn(day, item.at);
    const firesOfDay = fires.filter(inDay);
    return { ...day, fires: firesOfDay, jobs: groupByJob(firesOfDay), clockChanges: changes.filter(inDay) };
  });
}

/** The hours that a day really has, 23 to 25 of them, with their fires. */
export function hoursOf(
  day: PlacedDay,
): readonly { readonly fromMs: number; readonly fires: readonly CalendarFire[] }[] {
  const hours = [];
  for (let fromMs = day.fromMs; fromMs < day.toMs; fromMs += hourMs) {
    const hour = { fromMs, toMs: Math.min(fromMs + hourMs, day.toMs) };
    hours.push({ fromMs, fires: day.fires.filter((fire) => isIn(hour, fire.at)) });
  }
  return hours;
}

const hourMs = 3_600_000;

function isIn(span: { readonly fromMs: number; readonly toMs: number }, at: string): boolean {
  const atMs = Date.parse(at);
  return atMs >= span.fromMs && atMs < span.toMs;
}

function groupByJob(fires: readonly CalendarFire[]): readonly JobFires[] {
  return [...Map.groupBy(fires, (fire) => fire.job_name)].map(([jobName, ofJob]) => ({
    jobName,
    fires: ofJob,
    missed: ofJob.filter((fire) => fire.decision === "missed").length,
    overlapped: ofJob.filter((fire) => fire.decision === "overlapped").length,
    hasDst: ofJob.some((fire) => fire.dst !== null),
  }));
}

function distinct<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly Item[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
