// Acts on a job or pipeline as a whole: start, stop, pause, resume, backfill.
import type { ActionRequest, ActionResult, StartRequest, StartResult } from "../../api/run.ts";
import type { BackfillRequest, BackfillResult } from "../../api/job.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import { parseWindow } from "../../core/schedule/window.ts";
import { backfillParams } from "../../orchestrator/scheduling/backfill.ts";
import type { BackfillPlan } from "../../orchestrator/scheduling/plan-backfill.ts";
import { checkParams } from "../control/check-params.ts";
import { type Actor, controlJob } from "../control/control-run.ts";
import type { Caller, Handlers } from "../handler.ts";
import { requireDefinition, requireJobName } from "../require-job.ts";
import type { ServerServices } from "../server-services.ts";
import { refuseForce } from "./run-actions.ts";

const maxWindowsShown = 200;

/** Names that the project does not define are known as long as the store has runs of them. */
export function createJobActionHandlers(
  services: ServerServices,
): Handlers<"startJob" | "stopJob" | "pauseJob" | "resumeJob" | "backfillJob"> {
  const { store } = services;
  return {
    startJob: async ({ params, body }, { caller }) => await startJob(services, params.job_name, body, caller),
    async stopJob({ params: { job_name: name }, body }, { caller }) {
      await requireJobName(services, name);
      const result = await controlJob(store, body.force === true ? "force_stop" : "stop", name, toActor(body, caller));
      return isNothing(result) ? refuse("stop", name, "it has no unfinished run", ["start", "pause"]) : result;
    },
    async pauseJob({ params: { job_name: name }, body }, { caller }) {
      refuseForce(body);
      await requireJobName(services, name);
      return await controlJob(store, "pause", name, toActor(body, caller));
    },
    async resumeJob({ params: { job_name: name }, body }, { caller }) {
      refuseForce(body);
      await requireJobName(services, name);
      const isPaused = (await store.listPausedJobs()).some(({ job }) => job === name);
      const result = await controlJob(store, "resume", name, toActor(body, caller));
      return !isPaused && isNothing(result)
        ? refuse("resume", name, "it is not paused", ["start", "stop", "pause"])
        : result;
    },
    backfillJob: async ({ params, body }, { caller }) => await backfill(services, params.job_name, body, caller),
  };
}

async function startJob(
  services: ServerServices,
  name: string,
  { params = {}, window, force = false, reason }: StartRequest,
  caller: Caller,
): Promise<StartResult> {
  checkParams(requireDefinition(services, name), params);
  const { rootRunId, created } = await services.submit(name, {
    params,
    ...(window === undefined ? {} : { window: parseWindow(window.from, window.to) }),
    createdBy: caller.name,
    ...(force ? { again: true } : {}),
  });
  if (force) await forceStart(services, rootRunId, { by: caller.name, reason });
  return { run_id: formatRunId(rootRunId), created };
}

// Ahead of all others and although the job is paused. A worker may have been faster, and then there is nothing to force.
async function forceStart({ store }: ServerServices, runId: RunId, { by, reason }: Actor): Promise<void> {
  try {
    const why = reason === undefined || reason === "" ? {} : { reason };
    await store.control({ action: "force_start", target: { runId }, by, ...why });
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== "TRANSITION_INVALID") throw error;
  }
}

async function backfill(
  services: ServerServices,
  name: string,
  { from, to, step, params: given, parallelism = 1, dry_run: isDryRun = false }: BackfillRequest,
  caller: Caller,
): Promise<BackfillResult> {
  const target = requireDefinition(services, name);
  const params = given === undefined ? {} : { params: given };
  checkParams(target, backfillParams(target, params));
  const scope = { range: parseWindow(from, to), ...(step === undefined ? {} : { step }), ...params };
  if (isDryRun) return toBackfillResult(await services.planBackfill(name, scope), null);
  const { plan, submitted } = await services.backfill(name, { ...scope, parallelism, createdBy: caller.name });
  return toBackfillResult(plan, submitted === undefined ? null : formatRunId(submitted.rootRunId));
}

function toBackfillResult(plan: BackfillPlan, runId: BackfillResult["run_id"]): BackfillResult {
  const { missing, finished, unfinished, otherParams, notEnded } = plan;
  return {
    run_id: runId,
    windows: missing.slice(0, maxWindowsShown),
    count: missing.length,
    existing: finished.length + unfinished.length,
    finished: finished.length,
    unfinished: unfinished.length,
    other_params: otherParams.length,
    not_ended: notEnded.length,
    skipped: [
      ...finished.map((window) => ({ ...window, because: "finished" as const })),
      ...unfinished.map((window) => ({ ...window, because: "unfinished" as const })),
      ...notEnded.map((window) => ({ ...window, because: "not_ended" as const })),
    ].slice(0, maxWindowsShown),
  };
}

function toActor({ reason }: ActionRequest, caller: Caller): Actor {
  return { by: caller.name, reason };
}

function isNothing({ changed, requested }: ActionResult): boolean {
  return changed + requested === 0;
}

function refuse(action: string, name: string, why: string, allowed: readonly string[]): never {
  throw new MillraceError("TRANSITION_INVALID", `cannot ${action} job \`${name}\`: ${why}`, {
    hint: `it allows ${allowed.join(", ")}`,
    details: { allowed },
  });
}
