// `millrace resume`: puts back what was paused.
import type { CommandContext } from "../../command-context.ts";
import { control, type ControlOptions } from "../../control/control-target.ts";
import type { ExitCode } from "../../exit-codes.ts";

/** @throws MillraceError `RUN_UNKNOWN` | `JOB_UNKNOWN` | `TRANSITION_INVALID` */
export async function resume(context: CommandContext, options: ControlOptions, target: string): Promise<ExitCode> {
  return control(context, options, { action: "resume", ofRun: "resumeRun", ofJob: "resumeJob" }, target);
}
