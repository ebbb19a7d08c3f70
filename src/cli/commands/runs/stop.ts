// `millrace stop`: ends a run, or all unfinished runs of a job; with `--force` without waiting for its handler.
import type { CommandContext } from "../../command-context.ts";
import { control, type ControlOptions, type ControlVerb } from "../../control/control-target.ts";
import type { ExitCode } from "../../exit-codes.ts";

export interface StopOptions extends ControlOptions {
  readonly force?: true;
}

const gentle: ControlVerb = { action: "stop", ofRun: "stopRun", ofJob: "stopJob" };
const forced: ControlVerb = { ...gentle, action: "force_stop", force: true };

/** @throws MillraceError `RUN_UNKNOWN` | `JOB_UNKNOWN` | `TRANSITION_INVALID` */
export async function stop(context: CommandContext, options: StopOptions, target: string): Promise<ExitCode> {
  return control(context, options, options.force ? forced : gentle, target);
}
