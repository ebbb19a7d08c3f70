// What may be done to a run, by what the server says of its state and by the caller's role.
import type { ActionResult, Run, RunAction } from "../../../api/run.ts";
import type { Role } from "../../../api/role.ts";
import type { RouteName } from "../../../api/routes.ts";
import { call } from "../../queries/api-client.ts";
import { mayCall } from "../../queries/permissions.ts";
import type { Action, Confirmation } from "./action.ts";

export type ActionableRun = Pick<Run, "run_id" | "job_name" | "state">;

/** Those of `allowed` that the role reaches, forced ones last. Live messages tell what became of it. */
export function listRunActions(run: ActionableRun, allowed: readonly RunAction[], role: Role): readonly Action[] {
  const offered: readonly (readonly [RunAction, RouteName, boolean, Action])[] = [
    ["retry", "retryRun", false, plainAction(run, "retryRun", { label: "Retry", icon: "retry", done: "retried" })],
    ["resume", "resumeRun", false, plainAction(run, "resumeRun", { label: "Resume", icon: "play", done: "resumed" })],
    ["pause", "pauseRun", false, pauseAction(run)],
    ["stop", "stopRun", false, stopAction(run)],
    ["rerun", "rerunRun", false, rerunAction(run)],
    ["start", "startRun", true, forceAction(run, "startRun")],
    ["stop", "stopRun", true, forceAction(run, "stopRun")],
  ];
  return offered
    .filter(([kind, route, isForce]) => allowed.includes(kind) && mayCall(role, route, isForce))
    .map(([, , , action]) => action);
}

interface PlainText {
  readonly label: string;
  readonly icon: Action["icon"];
  /** What is said afterwards. */
  readonly done: string;
  readonly confirm?: Confirmation;
  readonly isDanger?: boolean;
}

function plainAction(
  { run_id: runId }: ActionableRun,
  route: "retryRun" | "resumeRun" | "pauseRun" | "stopRun",
  { done, ...text }: PlainText,
): Action {
  return {
    ...text,
    run: async (body) => {
      const { changed, requested }: ActionResult = await call(route, { params: { run_id: runId }, body });
      return changed === 0 && requested > 0 ? `asked ${runId}: it will be ${done} soon` : `${done} ${runId}`;
    },
  };
}

function pauseAction(run: ActionableRun): Action {
  const isActive = run.state === "RUNNING";
  return plainAction(run, "pauseRun", {
    label: "Pause",
    icon: "pause",
    done: "paused",
    confirm: {
      title: `Pause ${run.run_id} of ${run.job_name}?`,
      text: isActive ? "It yields at its next checkpoint and keeps its progress." : "It waits until it is resumed.",
    },
  });
}

function stopAction(run: ActionableRun): Action {
  return plainAction(run, "stopRun", {
    label: "Stop",
    icon: "stop",
    done: "stopped",
    isDanger: true,
    confirm: {
      title: `Stop ${run.run_id} of ${run.job_name}?`,
      text: "Its handler is asked to end, and so are the runs in it. A stopped run can be retried.",
    },
  });
}

function rerunAction({ run_id: runId, job_name: name }: ActionableRun): Action {
  return {
    label: "Run again",
    icon: "plus",
    run: async (body) => {
      const { run_id: newId } = await call("rerunRun", { params: { run_id: runId }, body });
      return `started ${name} again as ${newId}, with the same params`;
    },
  };
}

function forceAction({ run_id: runId, job_name: name }: ActionableRun, route: "startRun" | "stopRun"): Action {
  const isStart = route === "startRun";
  const label = isStart ? "Force start" : "Force stop";
  const text = isStart
    ? "It becomes ready now, whatever it waits for."
    : "Its lease is taken away at once. What its handler was doing may be half done.";
  return {
    label,
    icon: "bolt",
    isDanger: true,
    confirm: { title: `${label} ${runId} of ${name}?`, text, typedName: runId },
    run: async (answer) => {
      await call(route, { params: { run_id: runId }, body: { ...answer, force: true } });
      return isStart ? `${runId} is ready now` : `${runId} was ended`;
    },
  };
}
