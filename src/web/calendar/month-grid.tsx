// A month or a week of fires: a table of days, each with its jobs. On a narrow screen the days stand below each other.
import type { ReactElement } from "react";
import { type TimeZone } from "../../core/schedule/time-zone.ts";
import { describeClockChange } from "./explain-dst.ts";
import { DstFlag, JobFiresMark } from "./fire-mark.tsx";
import { type PlacedDay } from "./place-fires.ts";

export interface MonthGridProps {
  readonly days: readonly PlacedDay[];
  /** Time zone of the days and the clock. */
  readonly zone: TimeZone;
  readonly today: string;
  /** Jobs a day shows before it only counts them. */
  readonly maxJobs: number;
  readonly onOpenDay: (date: string) => void;
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

/** Rows of seven days. */
export function MonthGrid({ days, zone, today, maxJobs, onOpenDay }: MonthGridProps): ReactElement {
  const weeks = Array.from({ length: days.length / 7 }, (_, index) => days.slice(index * 7, index * 7 + 7));
  return (
    <table className="calendar">
      <caption className="only-read">Fires by day</caption>
      <thead>
        <tr>
          {weekdays.map((weekday) => (
            <th key={weekday} scope="col">
              {weekday}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]?.date}>
            {week.map((day) => (
              <td
                key={day.date}
                className="calendar-day"
                data-other-month={!day.isInMonth}
                data-today={day.date === today}
                data-empty={day.fires.length === 0}
              >
                <DayCell day={day} zone={zone} isToday={day.date === today} maxJobs={maxJobs} onOpenDay={onOpenDay} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface DayCellProps extends Pick<MonthGridProps, "zone" | "maxJobs" | "onOpenDay"> {
  readonly day: PlacedDay;
  readonly isToday: boolean;
}

function DayCell({ day, zone, isToday, maxJobs, onOpenDay }: DayCellProps): ReactElement {
  const hidden = day.jobs.length - maxJobs;
  return (
    <>
      <div className="calendar-head">
        <button
          type="button"
          className="calendar-date"
          onClick={() => onOpenDay(day.date)}
          {...(isToday ? { "aria-current": "date" } : {})}
        >
          <span className="calendar-number">{Number(day.date.slice(8))}</span>
          <span className="calendar-full">{formatDay(day.date)}</span>
        </button>
        {day.clockChanges.map((change) => (
          <DstFlag key={change.timezone + change.at} text={describeClockChange(change)} />
        ))}
      </div>
      {day.jobs.length === 0 ? null : (
        <ul className="calendar-fires">
          {day.jobs.slice(0, maxJobs).map((group) => (
            <li key={group.jobName}>
              <JobFiresMark group={group} zone={zone} />
            </li>
          ))}
          {hidden > 0 ? (
            <li>
              <button type="button" className="link-button" onClick={() => onOpenDay(day.date)}>
                {hidden} more<span className="only-read"> on {formatDay(day.date)}</span>
              </button>
            </li>
          ) : null}
        </ul>
      )}
    </>
  );
}

/** Such as `Sun 29 Mar 2026`. */
export function formatDay(date: string): string {
  return dayFormat.format(new Date(`${date}T00:00:00Z`)).replaceAll(",", "");
}

const dayFormat = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});
