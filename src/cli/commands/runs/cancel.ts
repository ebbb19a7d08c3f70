// `millrace cancel`: the same as `stop`, for those whose fingers say so.
import type { CommandContext } from "../../command-context.ts";
import { control, type ControlOptions } from "../../control/control-target.ts";
import type { ExitCode } from "../../exit-codes.ts";

/** @throws MillraceError `RUN_UNKNOWN` | `JOB_UNKNOWN` | `TRANSITION_INVALID` */
export async function cancel(context: CommandContext, options: ControlOptions, target: string): Promise<ExitCode> {
  return control(context, options, { action: "cancel", ofRun: "cancelRun", ofJob: "stopJob" }, target);
}
