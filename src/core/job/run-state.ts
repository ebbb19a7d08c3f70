// The six states a person sees, and the one table of how a run moves between them.
// The store, the docs and the tests all read this table.
import { MillraceError } from "../errors/errors.ts";

/** Coarse state of a run. `RunReason` says more. */
export type RunState = "NOT_STARTED" | "PENDING" | "RUNNING" | "FINISHED" | "ERROR" | "PAUSED";

/** Why a run is in its state; `null` where the state says it all. */
export type RunReason =
  | "scheduled"
  | "waiting_upstream"
  | "waiting_retry"
  | "waiting_poll"
  | "partial"
  | "skipped"
  | "cancelled"
  | "upstream_failed"
  | "failed"
  | "checks_failed"
  | "timed_out"
  | "stopped"
  | "force_stopped"
  | "lost";

/** What makes a run move, with the state it leaves and the one it enters. */
export const transitions = {
  /** submitted, upstream runs unfinished or its time not yet come, or free to be claimed */
  submit: { from: ["NOT_STARTED"], to: "PENDING" },
  /** a worker took the lease */
  claim: { from: ["PENDING"], to: "RUNNING" },
  /** the worker's accepted completion */
  finish: { from: ["RUNNING"], to: "FINISHED" },
  /** permanent failure, or no attempts left */
  fail: { from: ["RUNNING"], to: "ERROR" },
  /** transient failure; the next attempt is due later */
  retry: { from: ["RUNNING"], to: "PENDING" },
  /** the handler gave the worker back until a later time */
  snooze: { from: ["RUNNING"], to: "PENDING" },
  /** the worker shuts down or was declared dead; another may claim at once */
  release: { from: ["RUNNING"], to: "PENDING" },
  /** an upstream run failed or was skipped, and the edge says so */
  skip: { from: ["PENDING"], to: "FINISHED" },
  cancel: { from: ["PENDING"], to: "ERROR" },
  /** a person sets the run aside; one that executes yields at its next checkpoint */
  pause: { from: ["PENDING", "RUNNING", "ERROR"], to: "PAUSED" },
  resume: { from: ["PAUSED"], to: "PENDING" },
  /** a person ends the run; the handler of one that executes is aborted first */
  stop: { from: ["PENDING", "RUNNING", "PAUSED"], to: "ERROR" },
  /** a person ends the run whatever its handler does */
  force_stop: { from: ["PENDING", "RUNNING", "PAUSED"], to: "ERROR" },
  /** a person makes the run ready now, whatever it waits for */
  force_start: { from: ["PENDING", "PAUSED", "ERROR"], to: "PENDING" },
  /** a person asks for another try of a failed run */
  rerun: { from: ["ERROR"], to: "PENDING" },
} as const;

/** Name of a transition. */
export type Transition = keyof typeof transitions;

/** The state after a transition. @throws MillraceError `TRANSITION_INVALID` naming the states it is allowed in */
export function applyTransition(state: RunState, transition: Transition): RunState {
  const { from, to }: { from: readonly RunState[]; to: RunState } = transitions[transition];
  if (!from.includes(state)) {
    throw new MillraceError(
      "TRANSITION_INVALID",
      `expected a run to be ${from.join(" or ")} for \`${transition}\`, got: \`${state}\``,
    );
  }
  return to;
}

/** A state that no worker leaves by itself. */
export function isTerminal(state: RunState): boolean {
  return state === "FINISHED" || state === "ERROR";
}
