// Below the calendar: what changes of the clock do to the days in sight, in sentences.
import type { ReactElement } from "react";
import { Instant } from "../components/values/time.tsx";
import { describeClockChange, explainDst } from "./explain-dst.ts";
import { type PlacedDay } from "./place-fires.ts";

/** Nothing when no clock changes. */
export function DstLegend({ days }: { readonly days: readonly PlacedDay[] }): ReactElement | null {
  const changes = days.flatMap((day) => day.clockChanges);
  const touched = days.flatMap((day) => day.fires).filter((fire) => fire.dst !== null);
  if (changes.length === 0 && touched.length === 0) return null;
  return (
    <section className="dst-legend" aria-label="Changes of the clock">
      <h3>Changes of the clock</h3>
      <ul>
        {changes.map((change) => (
          <li key={change.timezone + change.at}>
            <Instant at={change.at} precision="minute" /> · {describeClockChange(change)}
          </li>
        ))}
        {touched.slice(0, 12).map((fire) => (
          <li key={fire.at + fire.job_name}>
            <strong>{fire.job_name}</strong> on {fire.local.slice(0, 10)}: {explainDst(fire)}
          </li>
        ))}
        {touched.length > 12 ? <li>and {touched.length - 12} more fires</li> : null}
      </ul>
    </section>
  );
}
