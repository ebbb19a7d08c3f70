// `millrace watch`: follows a run to its end, wherever it executes. Ctrl-C leaves the run alone.
import type { CommandContext } from "../../command-context.ts";
import type { ExitCode } from "../../exit-codes.ts";
import { followRun } from "../../control/follow-run.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { newestRunOf, parseTarget } from "../../control/run-target.ts";

export interface WatchOptions {
  readonly json?: true;
}

/** @returns 0 finished, 1 failed, 6 stopped by a person, 7 paused @throws MillraceError `RUN_UNKNOWN` */
export async function watch(context: CommandContext, options: WatchOptions, text: string): Promise<ExitCode> {
  await using plane = await openControlPlane(context, { definitions: false });
  const target = await parseTarget(plane, text);
  const runId = "run" in target ? target.run : (await newestRunOf(plane, target.job)).run_id;
  return await followRun(context, plane, runId, options);
}
