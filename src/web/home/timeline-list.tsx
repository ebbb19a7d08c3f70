// The timeline as two tables, for those who read rather than see it.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Timeline } from "../../api/control.ts";
import { formatMs } from "../components/values/format-quantity.ts";
import { StateBadge } from "../components/values/state-badge.tsx";
import { Elapsed, Instant } from "../components/values/time.tsx";

const maxListed = 100;

/** Runs, newest first; fires to come, soonest first; at most 100 each. */
export function TimelineList({ timeline }: { readonly timeline: Timeline }): ReactElement {
  return (
    <div className="timeline-lists">
      <RunTable bars={timeline.bars} />
      <FireTable fires={timeline.fires} />
    </div>
  );
}

function RunTable({ bars }: { readonly bars: Timeline["bars"] }): ReactElement {
  const shown = bars.toSorted((a, b) => Date.parse(b.from) - Date.parse(a.from)).slice(0, maxListed);
  return (
    <div className="card scroll-x" tabIndex={0} role="group" aria-label="Runs, newest first">
      <h3>Runs</h3>
      <table className="plain">
        <thead>
          <tr>
            <th>Run</th>
            <th>Job</th>
            <th>State</th>
            <th>Began</th>
            <th>Took</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ run_id: runId, job_name: name, state, from, to }) => (
            <tr key={runId}>
              <td>
                <Link to="/runs/$runId" params={{ runId }}>
                  {runId}
                </Link>
              </td>
              <td>{name}</td>
              <td>
                <StateBadge state={state} look="plain" />
              </td>
              <td>
                <Instant at={from} precision="minute" />
              </td>
              <td>
                <Elapsed from={from} to={to} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function FireTable({ fires }: { readonly fires: Timeline["fires"] }): ReactElement {
  const shown = fires.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)).slice(0, maxListed);
  return (
    <div className="card scroll-x" tabIndex={0} role="group" aria-label="Fires to come">
      <h3>Fires to come</h3>
      <table className="plain">
        <thead>
          <tr>
            <th>At</th>
            <th>Job</th>
            <th>Expected</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ job_name: name, at, expected_ms: expectedMs }) => (
            <tr key={`${name}:${at}`}>
              <td>
                <Instant at={at} precision="minute" />
              </td>
              <td>{name}</td>
              <td>{expectedMs === null ? "unknown" : formatMs(expectedMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
