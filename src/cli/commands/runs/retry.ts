// `millrace retry`: gives a failed run, or the failed jobs of a pipeline run, another try.
import type { CommandContext } from "../../command-context.ts";
import { control, type ControlOptions } from "../../control/control-target.ts";
import type { ExitCode } from "../../exit-codes.ts";

/** @throws MillraceError `RUN_UNKNOWN` | `JOB_UNKNOWN` | `TRANSITION_INVALID` */
export async function retry(context: CommandContext, options: ControlOptions, target: string): Promise<ExitCode> {
  return control(context, options, { action: "rerun", ofRun: "retryRun" }, target);
}
