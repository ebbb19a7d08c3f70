// `millrace why`: what a run waits for, in words.
import type { Explanation } from "../../../api/run.ts";
import type { CommandContext } from "../../command-context.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { parseRun } from "../../control/run-target.ts";
import { printable, type Terminal } from "../../print/terminal.ts";

export interface WhyOptions {
  readonly json?: true;
}

/** Explains a run in any state. @throws MillraceError `RUN_UNKNOWN` */
export async function why(context: CommandContext, options: WhyOptions, run: string): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context, { definitions: false });
  const explanation = await plane.call("explainRun", { params: { run_id: await parseRun(plane, run) } });
  if (options.json) terminal.json(explanation);
  else print(terminal, explanation, "");
  return exitCodes.ok;
}

// Each run that holds another up is told below it.
function print(terminal: Terminal, explanation: Explanation, indent: string): void {
  const { run_id: run, job_name: job, summary, details, remedy, because } = explanation;
  terminal.out(printable(`${indent}${run} ${job}: ${summary}`));
  for (const detail of details) terminal.out(printable(`${indent}  ${detail}`));
  if (remedy !== null) terminal.out(printable(`${indent}  → ${remedy}`));
  for (const reason of because) print(terminal, reason, `${indent}    `);
}
