// What people ask of a run: start, stop, pause, resume, another try, the same again.
import type { ActionRequest, ActionResult, StartResult } from "../../api/run.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, parseRunId } from "../../core/run-id.ts";
import type { ControlAction } from "../../store/control/control-store.ts";
import type { Json, RunSummary } from "../../store/rows/run-records.ts";
import { controlRun } from "../control/control-run.ts";
import type { CallContext, Caller, Handlers } from "../handler.ts";
import { requestInvalid } from "../request-invalid.ts";
import { requireRun } from "../require-run.ts";
import type { ServerServices } from "../server-services.ts";

type RunActionHandler = (
  input: { readonly params: { readonly run_id: string }; readonly body: ActionRequest },
  context: CallContext,
) => Promise<ActionResult>;

type RunActionRoute = "startRun" | "stopRun" | "cancelRun" | "pauseRun" | "resumeRun" | "retryRun";

/** Force is for those whom the guard let through with it. */
export function createRunActionHandlers(services: ServerServices): Handlers<RunActionRoute | "rerunRun"> {
  const { store } = services;
  const act =
    (toAction: (body: ActionRequest) => ControlAction): RunActionHandler =>
    async ({ params, body }, { caller }) =>
      await controlRun(store, toAction(body), parseRunId(params.run_id), { by: caller.name, reason: body.reason });
  const gently =
    (action: ControlAction) =>
    (body: ActionRequest): ControlAction => {
      refuseForce(body);
      return action;
    };
  return {
    startRun: act(({ force }) => {
      if (force === true) return "force_start";
      throw requestInvalid({
        path: "body.force",
        message: "expected `true`: a run that waits starts by itself; resume and retry are gentler",
      });
    }),
    stopRun: act(({ force }) => (force === true ? "force_stop" : "stop")),
    cancelRun: act(gently("stop")),
    pauseRun: act(gently("pause")),
    resumeRun: act(gently("resume")),
    retryRun: act(gently("rerun")),
    async rerunRun({ params, body }, { caller }) {
      refuseForce(body);
      return await rerun(services, await requireRun(store, params.run_id), caller);
    },
  };
}

/** Routes that know no force refuse it, so that nobody believes in one. @throws MillraceError `REQUEST_INVALID` */
export function refuseForce({ force = false }: ActionRequest): void {
  if (!force) return;
  throw requestInvalid({ path: "body.force", message: "expected it to be left out: there is no force here" });
}

// A new run although an unfinished one of the same params may exist: that is what a rerun is.
async function rerun(
  services: ServerServices,
  { id, job, params, window, tenant }: RunSummary,
  caller: Caller,
): Promise<StartResult> {
  if (job.startsWith("backfill:")) {
    throw new MillraceError("VALUE_INVALID", `a backfill cannot be run again, got: \`${formatRunId(id)}\``, {
      hint: "start it again: it runs the windows that are missing by then",
    });
  }
  const { rootRunId, created } = await services.submit(job, {
    params: toParams(params),
    ...(window === undefined ? {} : { window }),
    tenant,
    createdBy: caller.name,
    again: true,
  });
  return { run_id: formatRunId(rootRunId), created };
}

function toParams(params: Json): Readonly<Record<string, Json>> {
  // Every submission has an object of params; the store's type is wider.
  return typeof params === "object" && params !== null && !Array.isArray(params)
    ? (params as Readonly<Record<string, Json>>)
    : {};
}
