// The state of a run as a shape, a colour and a word.
import type { ReactElement } from "react";
import type { RunReason, RunState } from "../../../core/job/run-state.ts";
import { Icon } from "./icon.tsx";
import { describeState } from "./state-appearance.ts";

export interface StateBadgeProps {
  readonly state: RunState | "MISSED" | "OVERLAPPED";
  readonly reason?: RunReason | null;
  /** `plain` has no background, for dense tables; default `soft`. */
  readonly look?: "soft" | "plain";
}

/** For every place that shows a state. */
export function StateBadge({ state, reason = null, look = "soft" }: StateBadgeProps): ReactElement {
  const { label, icon, tone } = describeState(state, reason);
  return (
    <span className={`state state-${look}`} data-tone={tone} data-state={state}>
      <Icon name={icon} size={14} />
      <span>{label}</span>
    </span>
  );
}
