// What the address of the schedules says: the view, the day it shows, the zone, the job.
import { isDate, type CalendarView } from "../../calendar/calendar-days.ts";
import { readFlag, readOneOf, readText, type RawSearch } from "../../search-params.ts";

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
    view: readOneOf(raw, "view", ["month", "week", "day"]),
    at: at !== undefined && isDate(at) ? at : undefined,
    job: readText(raw, "job"),
    utc: readFlag(raw, "utc"),
  };
}
