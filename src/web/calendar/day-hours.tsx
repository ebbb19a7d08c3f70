// One day of fires by hour: the hours that the day really has, so that a day of 23 or 25 hours looks like one.
import type { ReactElement } from "react";
import { type TimeZone } from "../../core/schedule/time-zone.ts";
import { describeClockChange } from "./explain-dst.ts";
import { clockAt } from "./fire-clock.ts";
import { FireMark } from "./fire-mark.tsx";
import { hoursOf, type PlacedDay } from "./place-fires.ts";

/** At most this many fires of an hour are shown one by one. */
const maxFires = 60;

/** Hours without fires stay thin. */
export function DayHours({
  day,
  zone,
  nowMs,
}: {
  readonly day: PlacedDay;
  readonly zone: TimeZone;
  readonly nowMs: number;
}): ReactElement {
  return (
    <ol className="hours">
      {hoursOf(day).map(({ fromMs, fires }) => (
        <li
          key={fromMs}
          className="hour"
          data-now={nowMs >= fromMs && nowMs < fromMs + 3_600_000}
          data-empty={fires.length === 0}
        >
          <span className="hour-label number">
            {clockAt(fromMs, zone)}
            {nowMs >= fromMs && nowMs < fromMs + 3_600_000 ? <span className="hour-now">now</span> : null}
          </span>
          <div className="hour-fires">
            {day.clockChanges
              .filter((change) => Date.parse(change.at) >= fromMs && Date.parse(change.at) < fromMs + 3_600_000)
              .map((change) => (
                <p key={change.timezone} className="hour-change">
                  {describeClockChange(change)}
                </p>
              ))}
            {fires.slice(0, maxFires).map((fire) => (
              <FireMark key={`${fire.at}${fire.job_name}`} fire={fire} zone={zone} />
            ))}
            {fires.length > maxFires ? <span className="muted">and {fires.length - maxFires} more</span> : null}
          </div>
        </li>
      ))}
    </ol>
  );
}
