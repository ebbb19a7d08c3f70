// Actions of people on runs and jobs through the store; a refusal says what is allowed instead.
import type { ActionResult, RunAction } from "../../api/run.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type { ControlAction, ControlRequest } from "../../store/control/control-store.ts";
import type { Store } from "../../store/store.ts";
import { listAllowedActions } from "../views/allowed-actions.ts";
import { statesOf } from "../views/runs/to-run-detail.ts";

export interface Actor {
  readonly by: string;
  readonly reason?: string | undefined;
}

/** @throws MillraceError `RUN_UNKNOWN` | `TRANSITION_INVALID` with `allowed` in its details */
export async function controlRun(
  store: Pick<Store, "control" | "findRun" | "countChildren">,
  action: ControlAction,
  runId: RunId,
  actor: Actor,
): Promise<ActionResult> {
  try {
    return await control(store, { action, target: { runId }, ...toRequest(actor) });
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== "TRANSITION_INVALID") throw error;
    throw await refuse(store, action, runId, error);
  }
}

/** Controls a job or pipeline as a whole. @returns zeros when it has no run that the action fits */
export async function controlJob(
  store: Pick<Store, "control">,
  action: Exclude<ControlAction, "force_start" | "rerun">,
  job: string,
  actor: Actor,
): Promise<ActionResult> {
  return await control(store, { action, target: { job }, ...toRequest(actor) });
}

// Names each action as its route does, for messages.
const actionNames: Readonly<Record<ControlAction, RunAction>> = {
  force_start: "start",
  stop: "stop",
  force_stop: "stop",
  pause: "pause",
  resume: "resume",
  rerun: "retry",
};

async function control(store: Pick<Store, "control">, request: ControlRequest): Promise<ActionResult> {
  const { changed, requested } = await store.control(request);
  return { changed, requested };
}

function toRequest({ by, reason }: Actor): Pick<ControlRequest, "by" | "reason"> {
  return reason === undefined || reason === "" ? { by } : { by, reason };
}

// The state may be another one by now: what is said is true of the moment of the look.
async function refuse(
  store: Pick<Store, "findRun" | "countChildren">,
  action: ControlAction,
  runId: RunId,
  cause: MillraceError,
): Promise<MillraceError> {
  const run = await store.findRun(runId);
  if (run === undefined) return cause;
  const members = run.kind === "pipeline" ? statesOf(await store.countChildren(runId)) : [];
  const allowed = listAllowedActions(run.state, members).filter((name) => name !== actionNames[action]);
  const message = `cannot ${actionNames[action]} run \`${formatRunId(runId)}\` of \`${run.job}\` while it is: \`${run.state}\``;
  return new MillraceError("TRANSITION_INVALID", message, {
    hint: `it allows ${allowed.join(", ")}`,
    details: { allowed, state: run.state },
    cause,
  });
}
