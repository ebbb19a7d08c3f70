// Gives each state the same look everywhere: a colour, a shape and a word together, so that no single one is needed to
// understand it.
import type { RunReason, RunState } from "../../../core/job/run-state.ts";
import type { JobOutcome } from "../../../api/job.ts";
import type { IconName } from "./icon.tsx";

/** Name of a colour set in styles/tokens.css: `--tone-<name>`, `--tone-<name>-text`, `--tone-<name>-soft`. */
export type Tone = "neutral" | "waiting" | "running" | "good" | "warn" | "bad" | "held";

export interface StateAppearance {
  readonly label: string;
  readonly icon: IconName;
  readonly tone: Tone;
}

/** The look of a run's state; its reason makes the word exact. */
export function describeState(state: RunState | JobOutcome["state"], reason: RunReason | null = null): StateAppearance {
  const byReason = reason === null ? undefined : appearanceByReason[`${state}:${reason}`];
  return byReason ?? appearanceByState[state];
}

const appearanceByState: Readonly<Record<RunState | JobOutcome["state"], StateAppearance>> = {
  NOT_STARTED: { label: "Not started", icon: "circle-dashed", tone: "neutral" },
  PENDING: { label: "Pending", icon: "circle", tone: "waiting" },
  RUNNING: { label: "Running", icon: "play", tone: "running" },
  FINISHED: { label: "Finished", icon: "check", tone: "good" },
  ERROR: { label: "Error", icon: "cross", tone: "bad" },
  PAUSED: { label: "Paused", icon: "pause", tone: "held" },
  MISSED: { label: "Missed", icon: "slash", tone: "warn" },
  OVERLAPPED: { label: "Overlapped", icon: "overlap", tone: "neutral" },
};

const appearanceByReason: Readonly<Record<string, StateAppearance>> = {
  "PENDING:scheduled": { label: "Scheduled", icon: "clock", tone: "waiting" },
  "PENDING:waiting_upstream": { label: "Waits for upstream", icon: "circle", tone: "waiting" },
  "PENDING:waiting_retry": { label: "Waits for retry", icon: "retry", tone: "warn" },
  "PENDING:waiting_poll": { label: "Sleeps or waits", icon: "clock", tone: "waiting" },
  "FINISHED:partial": { label: "Finished in part", icon: "warning", tone: "warn" },
  "FINISHED:skipped": { label: "Skipped", icon: "skip", tone: "neutral" },
  "ERROR:cancelled": { label: "Cancelled", icon: "stop", tone: "neutral" },
  "ERROR:upstream_failed": { label: "Upstream failed", icon: "skip", tone: "bad" },
  "ERROR:failed": { label: "Failed", icon: "cross", tone: "bad" },
  "ERROR:checks_failed": { label: "Checks failed", icon: "warning", tone: "bad" },
  "ERROR:timed_out": { label: "Timed out", icon: "clock", tone: "bad" },
  "ERROR:stopped": { label: "Stopped", icon: "stop", tone: "neutral" },
  "ERROR:force_stopped": { label: "Force stopped", icon: "stop", tone: "bad" },
  "ERROR:lost": { label: "Lost", icon: "question", tone: "bad" },
};
