// Lists what may be done to a job as a whole, by its state and the caller's role.
import type { JobOverview } from "../../../api/job.ts";
import type { ActionResult } from "../../../api/run.ts";
import type { Role } from "../../../api/role.ts";
import type { RouteName } from "../../../api/routes.ts";
import { call } from "../../queries/api-client.ts";
import { mayCall } from "../../queries/permissions.ts";
import type { Action } from "./action.ts";

export type ActionableJob = Pick<JobOverview, "job_name" | "paused" | "running" | "pending">;

/** Start, pause or resume, stop; force start and force stop for those who may. What the role cannot reach is left out. */
export function listJobActions(job: ActionableJob, role: Role): readonly Action[] {
  const { job_name: name, paused } = job;
  const whyNotStop = job.running + job.pending === 0 && paused === null ? `${name} has no unfinished run` : undefined;
  const offered: readonly (readonly [RouteName, boolean, Action])[] = [
    ["startJob", false, startAction(name)],
    paused === null ? ["pauseJob", false, pauseAction(name)] : ["resumeJob", false, resumeAction(name)],
    ["stopJob", false, stopAction(name, whyNotStop)],
    ["startJob", true, forceStartAction(name)],
    ["stopJob", true, forceStopAction(name, whyNotStop)],
  ];
  return offered.filter(([route, isForce]) => mayCall(role, route, isForce)).map(([, , action]) => action);
}

function startAction(name: string): Action {
  return {
    label: "Start",
    icon: "play",
    run: async () => {
      const { run_id: runId, created } = await call("startJob", { params: { job_name: name }, body: {} });
      return created ? `started ${name} as ${runId}` : `${name} is under way already as ${runId}`;
    },
  };
}

function pauseAction(name: string): Action {
  return {
    label: "Pause",
    icon: "pause",
    confirm: {
      title: `Pause ${name}?`,
      text: "Its runs are set aside at their next checkpoint, and no run starts until it is resumed.",
    },
    run: async (body) => summarize("paused", name, await call("pauseJob", { params: { job_name: name }, body })),
  };
}

function resumeAction(name: string): Action {
  return {
    label: "Resume",
    icon: "play",
    run: async (body) => summarize("resumed", name, await call("resumeJob", { params: { job_name: name }, body })),
  };
}

function stopAction(name: string, whyNot: string | undefined): Action {
  return {
    label: "Stop",
    icon: "stop",
    isDanger: true,
    whyNot,
    confirm: {
      title: `Stop all unfinished runs of ${name}?`,
      text: "Runs that execute are asked to end; runs that wait end at once. A stopped run can be retried.",
    },
    run: async (body) => summarize("stopped", name, await call("stopJob", { params: { job_name: name }, body })),
  };
}

function forceStartAction(name: string): Action {
  return {
    label: "Force start",
    icon: "bolt",
    isDanger: true,
    confirm: {
      title: `Force ${name} to start?`,
      text: "It starts now, whatever it waits for and although another run is under way.",
      typedName: name,
    },
    run: async (answer) => {
      const body = { ...answer, force: true };
      const { run_id: runId } = await call("startJob", { params: { job_name: name }, body });
      return `forced ${name} to start as ${runId}`;
    },
  };
}

function forceStopAction(name: string, whyNot: string | undefined): Action {
  return {
    label: "Force stop",
    icon: "bolt",
    isDanger: true,
    whyNot,
    confirm: {
      title: `Force all runs of ${name} to stop?`,
      text: "Their leases are taken away at once. What a handler was doing may be half done.",
      typedName: name,
    },
    run: async (answer) => {
      const body = { ...answer, force: true };
      return summarize("force stopped", name, await call("stopJob", { params: { job_name: name }, body }));
    },
  };
}

function summarize(done: string, name: string, { changed, requested }: ActionResult): string {
  const runs = (count: number): string => `${count} ${count === 1 ? "run" : "runs"}`;
  const asked = requested === 0 ? "" : `, ${runs(requested)} asked to yield`;
  return `${done} ${name}: ${runs(changed)} changed${asked}`;
}
