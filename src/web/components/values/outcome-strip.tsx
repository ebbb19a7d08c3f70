// The last runs of a job as a strip: one mark a run, its height the duration, its colour and shape the outcome; a missed fire is hatched.
import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { JobOutcome } from "../../../api/job.ts";
import { formatInstant, formatMs } from "./format-quantity.ts";
import { describeState } from "./state-appearance.ts";

const slots = 30;
const pitch = 6;
const height = 24;

/** At most 30, the newest on the right. A click opens the run; the words are in its label. */
export function OutcomeStrip({
  outcomes,
  jobName,
}: {
  readonly outcomes: readonly JobOutcome[];
  readonly jobName: string;
}): ReactElement {
  const navigate = useNavigate();
  const shown = outcomes.slice(-slots);
  const longestMs = Math.max(1, ...shown.map(({ duration_ms }) => duration_ms ?? 0));
  const offset = slots - shown.length;
  return (
    <svg
      className="outcomes"
      width={slots * pitch}
      height={height}
      viewBox={`0 0 ${slots * pitch} ${height}`}
      role="img"
      aria-label={summarizeOutcomes(jobName, shown)}
    >
      {shown.map((outcome, index) => {
        const isMissed = outcome.state === "MISSED" || outcome.state === "OVERLAPPED";
        const share = isMissed ? 1 : Math.sqrt((outcome.duration_ms ?? longestMs / 4) / longestMs);
        const barHeight = Math.max(5, Math.round(share * (height - 2)));
        const { run_id: runId } = outcome;
        return (
          <g
            key={`${outcome.at}:${runId}`}
            transform={`translate(${(offset + index) * pitch} 0)`}
            data-tone={describeState(outcome.state, outcome.reason).tone}
            className={`outcome outcome-${outcome.state.toLowerCase()}`}
            {...(runId === null ? {} : { onClick: () => void navigate({ to: "/runs/$runId", params: { runId } }) })}
          >
            <title>{describeOutcome(outcome)}</title>
            <rect className="outcome-hit" width={pitch} height={height} />
            <rect
              className="outcome-bar"
              {...(isMissed ? { fill: "url(#hatch-missed)" } : {})}
              x={1}
              y={height - barHeight}
              width={pitch - 2}
              height={barHeight}
              rx={1}
            />
            {outcome.state === "ERROR" ? (
              <rect className="outcome-notch" x={1} y={height - 4} width={pitch - 2} height={2} />
            ) : null}
          </g>
        );
      })}
    </svg>
  );
}

/** `last 30 of loads: 28 finished, 1 error, 1 missed; the newest: finished`. */
export function summarizeOutcomes(jobName: string, outcomes: readonly JobOutcome[]): string {
  if (outcomes.length === 0) return `${jobName} has not run yet`;
  const counts = new Map<string, number>();
  for (const { state, reason } of outcomes) {
    const label = describeState(state, reason).label.toLowerCase();
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const parts = [...counts].map(([label, count]) => `${count} ${label}`);
  const newest = outcomes.at(-1);
  const last =
    newest === undefined ? "" : `; the newest: ${describeState(newest.state, newest.reason).label.toLowerCase()}`;
  return `last ${outcomes.length} of ${jobName}: ${parts.join(", ")}${last}`;
}

function describeOutcome({ run_id: runId, state, reason, at, duration_ms: durationMs }: JobOutcome): string {
  const took = durationMs === null ? "" : ` in ${formatMs(durationMs)}`;
  return `${runId ?? "no run"} · ${describeState(state, reason).label}${took} · ${formatInstant(at, Date.parse(at), "minute")}`;
}
