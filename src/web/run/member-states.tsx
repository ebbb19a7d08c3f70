// Shows how many runs of a pipeline run are in which state: a bar of parts, each a link to exactly those runs.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { RunState } from "../../core/job/run-state.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { Icon } from "../components/values/icon.tsx";
import { describeState } from "../components/values/state-appearance.ts";

export interface MemberStatesProps {
  readonly counts: Readonly<Partial<Record<RunState, number>>>;
  readonly runId: string;
}

const order: readonly RunState[] = ["FINISHED", "RUNNING", "ERROR", "PAUSED", "PENDING", "NOT_STARTED"];

export function MemberStates({ counts, runId }: MemberStatesProps): ReactElement | null {
  const shown = order.flatMap((state) => {
    const count = counts[state] ?? 0;
    return count === 0 ? [] : [{ state, count, ...describeState(state) }];
  });
  if (shown.length === 0) return null;
  return (
    <div className="members">
      <div className="members-bar" aria-hidden="true">
        {shown.map(({ state, count, tone }) => (
          <span key={state} data-tone={tone} data-state={state} style={{ flexGrow: count }} />
        ))}
      </div>
      <ul className="members-list" aria-label="Jobs by state">
        {shown.map(({ state, count, label, icon, tone }) => (
          <li key={state}>
            <Link
              to="/runs/$runId"
              params={{ runId }}
              search={{ tab: "jobs", state }}
              className="members-link"
              data-tone={tone}
            >
              <Icon name={icon} size={14} /> <span className="number">{formatCount(count)}</span> {label.toLowerCase()}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
