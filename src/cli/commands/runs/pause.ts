// `millrace pause`: sets a run, or all runs of a job, aside.
import type { CommandContext } from "../../command-context.ts";
import { control, type ControlOptions } from "../../control/control-target.ts";
import type { ExitCode } from "../../exit-codes.ts";

/** @throws MillraceError `RUN_UNKNOWN` | `JOB_UNKNOWN` | `TRANSITION_INVALID` */
export async function pause(context: CommandContext, options: ControlOptions, target: string): Promise<ExitCode> {
  return control(context, options, { action: "pause", ofRun: "pauseRun", ofJob: "pauseJob" }, target);
}
