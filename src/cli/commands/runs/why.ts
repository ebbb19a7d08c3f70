// `millrace why`: what a run waits for, or when a job starts, in words.
import type { Explanation, JobExplanation } from "../../../api/run.ts";
import type { CommandContext } from "../../command-context.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { isRunText, parseRun } from "../../control/run-target.ts";
import { printable, type Terminal } from "../../print/terminal.ts";

export interface WhyOptions {
  readonly json?: true;
}

/** Explains a run in any state, or a job or pipeline with its newest run. @throws MillraceError `RUN_UNKNOWN` | `JOB_UNKNOWN` */
export async function why(context: CommandContext, options: WhyOptions, text: string): Promise<ExitCode> {
  const { terminal } = context;
  const isRun = isRunText(text);
  // whether a schedule still fires is in the definitions; a run is explained without them, also while they are broken
  await using plane = await openControlPlane(context, { definitions: !isRun });
  if (isRun) {
    const explanation = await plane.call("explainRun", { params: { run_id: await parseRun(plane, text) } });
    if (options.json) terminal.json(explanation);
    else printRun(terminal, explanation, "");
    return exitCodes.ok;
  }
  const explanation = await plane.call("explainJob", { params: { job_name: text } });
  if (options.json) terminal.json(explanation);
  else printJob(terminal, explanation);
  return exitCodes.ok;
}

function printJob(terminal: Terminal, { job_name: job, run, ...reasons }: JobExplanation): void {
  print(terminal, job, reasons, "");
  if (run === null) terminal.out("it has not run yet");
  else printRun(terminal, run, "");
}

// Each run that holds another up is told below it.
function printRun(terminal: Terminal, explanation: Explanation, indent: string): void {
  const { run_id: run, job_name: job, because } = explanation;
  print(terminal, `${run} ${job}`, explanation, indent);
  for (const reason of because) printRun(terminal, reason, `${indent}    `);
}

type Reasons = Pick<Explanation, "summary" | "details" | "remedy">;

function print(terminal: Terminal, subject: string, { summary, details, remedy }: Reasons, indent: string): void {
  terminal.out(printable(`${indent}${subject}: ${summary}`));
  for (const detail of details) terminal.out(printable(`${indent}  ${detail}`));
  if (remedy !== null) terminal.out(printable(`${indent}  → ${remedy}`));
}
