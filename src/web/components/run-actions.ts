// What may be done to a run, by what the server says of its state and by the caller's role.
import type { ActionRequest, ActionResult, Run, RunAction } from "../../api/run.ts";
import type { Role, RouteName } from "../../api/routes.ts";
import { call } from "../queries/api-client.ts";
import { mayCall } from "../queries/permissions.ts";
import type { Action } from "./action.ts";

/** Those of `allowed` that the role reaches, forced ones last. What refetches is the caller's: live messages follow anyway. */
export function listRunActions(
  run: Pick<Run, "run_id" | "job_name" | "state">,
  allowed: readonly RunAction[],
  role: Role,
): readonly Action[] {
  const { run_id: runId, job_name: name } = run;
  const params = { run_id: runId };
  const isActive = run.state === "RUNNING";
  const offered: readonly (readonly [RunAction, RouteName, boolean, Action])[] = [
    ["retry", "retryRun", false, plain("Retry", "retry", (body) => call("retryRun", { params, body }), "retried")],
    ["resume", "resumeRun", false, plain("Resume", "play", (body) => call("resumeRun", { params, body }), "resumed")],
    [
      "pause",
      "pauseRun",
      false,
      {
        ...plain("Pause", "pause", (body) => call("pauseRun", { params, body }), "paused"),
        confirm: {
          title: `Pause ${runId} of ${name}?`,
          text: isActive ? "It yields at its next checkpoint and keeps its progress." : "It waits until it is resumed.",
        },
      },
    ],
    [
      "stop",
      "stopRun",
      false,
      {
        ...plain("Stop", "stop", (body) => call("stopRun", { params, body }), "stopped"),
        isDanger: true,
        confirm: {
          title: `Stop ${runId} of ${name}?`,
          text: "Its handler is asked to end, and so are the runs in it. A stopped run can be retried.",
        },
      },
    ],
    [
      "replay",
      "replayRun",
      false,
      {
        label: "Run again",
        icon: "plus",
        run: async (body) => {
          const { run_id: newId } = await call("replayRun", { params, body });
          return `started ${name} again as ${newId}, with the same params`;
        },
      },
    ],
    ["start", "startRun", true, forced("Force start", "startRun", "It becomes ready now, whatever it waits for.")],
    [
      "stop",
      "stopRun",
      true,
      forced("Force stop", "stopRun", "Its lease is taken away at once. Work may be half done."),
    ],
  ];
  return offered
    .filter(([kind, route, isForce]) => allowed.includes(kind) && mayCall(role, route, isForce))
    .map(([, , , action]) => action);

  function plain(
    label: string,
    icon: Action["icon"],
    send: (body: ActionRequest) => Promise<ActionResult>,
    done: string,
  ): Action {
    return {
      label,
      icon,
      run: async (body) => {
        const { changed, requested } = await send(body);
        return changed === 0 && requested > 0 ? `asked ${runId}: it will be ${done} soon` : `${done} ${runId}`;
      },
    };
  }

  function forced(label: string, route: "startRun" | "stopRun", text: string): Action {
    return {
      label,
      icon: "bolt",
      isDanger: true,
      confirm: { title: `${label} ${runId} of ${name}?`, text, typedName: runId },
      run: async (body) => {
        await call(route, { params, body: { ...body, force: true } });
        return `${label.toLowerCase()} of ${runId} done`;
      },
    };
  }
}
