// Parses the address of the schedules: the view, the day it shows, the zone, the job.
import { readFlag, readOneOf, readText, type RawSearch } from "../search-params.ts";

export type CalendarView = "month" | "week" | "day";

export const calendarViews: readonly CalendarView[] = ["month", "week", "day"];

export interface SchedulesSearch {
  /** Left out: the list. */
  readonly view?: CalendarView | undefined;
  /** Such as `2026-03-29`; left out: today. */
  readonly at?: string | undefined;
  readonly job?: string | undefined;
  /** Days of UTC rather than of the reader's zone. */
  readonly utc?: true | undefined;
}

export function parseSchedulesSearch(raw: RawSearch): SchedulesSearch {
  const at = readText(raw, "at");
  return {
    view: readOneOf(raw, "view", calendarViews),
    at: at !== undefined && isDate(at) ? at : undefined,
    job: readText(raw, "job"),
    utc: readFlag(raw, "utc"),
  };
}

/** Tells whether a text is a real date such as `2026-03-29`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const atMs = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text);
}
