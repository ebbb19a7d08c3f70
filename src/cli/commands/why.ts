// `millrace why`: what a run waits for, in words.
import { MillraceError } from "../../core/errors.ts";
import { formatRunId } from "../../core/run-id.ts";
import { explainRun, type RunExplanation } from "../../orchestrator/explain-run.ts";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { findRun } from "../find-run.ts";
import { printable, type Terminal } from "../terminal.ts";

export interface WhyOptions {
  readonly json?: true;
}

/** Explains a run in any state. @throws MillraceError `RUN_UNKNOWN` */
export async function why(context: CommandContext, options: WhyOptions, run: string): Promise<ExitCode> {
  const { terminal } = context;
  await using app = await context.openApp({ definitions: false });
  const { id } = await findRun(app.store, run);
  const explanation = await explainRun(app.store, id);
  if (explanation === undefined) throw new MillraceError("RUN_UNKNOWN", `unknown run \`${formatRunId(id)}\``);
  if (options.json) terminal.out(JSON.stringify({ schema: "millrace.why/1", ...toJson(explanation) }));
  else print(terminal, explanation, "");
  return exitCodes.ok;
}

// Each run that holds another up is told below it.
function print(
  terminal: Terminal,
  { runId, job, summary, details, remedy, because }: RunExplanation,
  indent: string,
): void {
  terminal.out(printable(`${indent}${formatRunId(runId)} ${job}: ${summary}`));
  for (const detail of details) terminal.out(printable(`${indent}  ${detail}`));
  if (remedy !== undefined) terminal.out(printable(`${indent}  → ${remedy}`));
  for (const reason of because) print(terminal, reason, `${indent}    `);
}

function toJson({ runId, because, ...rest }: RunExplanation): object {
  return { run: formatRunId(runId), ...rest, because: because.map(toJson) };
}
