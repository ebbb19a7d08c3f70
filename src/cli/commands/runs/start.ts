// `millrace start`: hands a run to the workers and returns; with `--force` a run that waits starts now, and a job starts
// again although a run of it is unfinished.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { CommandContext } from "../../command-context.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { control, type ControlOptions } from "../../control/control-target.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { fitToServer } from "../../control/fit-to-server.ts";
import { parseParams } from "../../parse/parse-params.ts";
import { toWindow } from "../../parse/to-window.ts";

export interface StartOptions extends ControlOptions {
  readonly param: readonly string[];
  readonly params?: string;
  readonly from?: string;
  readonly to?: string;
  readonly force?: true;
}

/** @throws MillraceError `JOB_UNKNOWN` | `RUN_UNKNOWN` | `PARAMS_INVALID` */
export async function start(context: CommandContext, options: StartOptions, target: string): Promise<ExitCode> {
  if (target === "last" || /^r\d+$/.test(target)) {
    if (options.force)
      return control(
        context,
        options,
        { action: "force_start", force: true, isStart: true, ofRun: "startRun" },
        target,
      );
    throw new MillraceError("USAGE_INVALID", `expected the name of a job or pipeline, got: \`${target}\``, {
      hint: "`--force` starts a run that waits; `millrace resume` and `millrace retry` are gentler",
    });
  }
  return startJob(context, options, target);
}

async function startJob(context: CommandContext, options: StartOptions, name: string): Promise<ExitCode> {
  const { terminal } = context;
  const given = parseParams(options.param, options.params);
  const window = toWindow(options);
  await using plane = await openControlPlane(context);
  const params = await fitToServer(plane, name, given);
  const started = await plane.call("startJob", {
    params: { job_name: name },
    body: {
      params,
      ...(window === undefined ? {} : { window }),
      ...(options.force ? { force: true } : {}),
      ...(options.reason === undefined ? {} : { reason: options.reason }),
    },
  });
  const { run_id: run } = started;
  if (options.json) terminal.json(started);
  else terminal.out(started.created ? run : `${run} (an unfinished run of the same name, params and window)`);
  const { workers } = await plane.call("showOrchestrator", {});
  if (!workers.some(({ alive }) => alive)) terminal.note("no worker is in service; `millrace worker` starts one");
  return exitCodes.ok;
}
