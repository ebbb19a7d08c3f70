// What may be asked of a run in its state, read from the one table of transitions: for buttons, and for answers that say no.
import type { RunAction } from "../../api/run.ts";
import { isTerminal, type RunState, type Transition, transitions } from "../../core/job/run-state.ts";

/**
 * Actions in the order in which screens show them. `start` is the one by force, and `rerun` makes a new run, so that it is
 * always there.
 * @param members of a pipeline run: what one of them allows may be asked of the whole
 */
export function listAllowedActions(state: RunState, members: readonly RunState[] = []): readonly RunAction[] {
  return actions.filter((action) => {
    const transition = transitionOf[action];
    if (transition === undefined || isAllowed(transition, state)) return true;
    return action !== "start" && members.some((member) => isAllowedThrough(transition, member));
  });
}

const actions: readonly RunAction[] = ["start", "stop", "pause", "resume", "retry", "rerun"];

const transitionOf: Readonly<Record<RunAction, Transition | undefined>> = {
  start: "force_start",
  stop: "stop",
  pause: "pause",
  resume: "resume",
  retry: "rerun",
  rerun: undefined,
};

function isAllowed(transition: Transition, state: RunState): boolean {
  const from: readonly RunState[] = transitions[transition].from;
  return from.includes(state);
}

// Members that ended are left alone by all but another try.
function isAllowedThrough(transition: Transition, member: RunState): boolean {
  return isAllowed(transition, member) && (transition === "rerun" || !isTerminal(member));
}
