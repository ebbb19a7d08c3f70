// `millrace show`: all that is known about one run.
import type { CommandContext } from "../../command-context.ts";
import { loadRunView, toRunViewJson } from "../../control/load-run-view.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { printRunDetails } from "../../control/print-run-details.ts";
import { parseRun } from "../../control/run-target.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";

export interface ShowOptions {
  readonly json?: true;
}

/** Shows a run of any state. @throws MillraceError `RUN_UNKNOWN` */
export async function show(context: CommandContext, options: ShowOptions, run: string): Promise<ExitCode> {
  await using plane = await openControlPlane(context, { definitions: "if-sound" });
  const view = await loadRunView(plane, await parseRun(plane, run));
  if (options.json) context.terminal.json(toRunViewJson(view));
  else printRunDetails(context.terminal, view, Date.now());
  return exitCodes.ok;
}
