// `millrace why`: what a run waits for, in words.
import { MillraceError } from "../../core/errors.ts";
import { formatRunId } from "../../core/run-id.ts";
import { explainWait } from "../../orchestrator/explain-wait.ts";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { findRun } from "../find-run.ts";
import { printable } from "../terminal.ts";

export interface WhyOptions {
  readonly json?: true;
}

/** Explains a run in any state. @throws MillraceError `RUN_UNKNOWN` */
export async function why(context: CommandContext, options: WhyOptions, run: string): Promise<ExitCode> {
  const { terminal } = context;
  await using app = await context.openApp({ definitions: false });
  const { id } = await findRun(app.store, run);
  const facts = await app.store.findWaitFacts(id);
  if (facts === undefined) throw new MillraceError("RUN_UNKNOWN", `unknown run \`${formatRunId(id)}\``);
  const explanation = explainWait(facts);
  if (options.json) {
    terminal.out(JSON.stringify({ schema: "millrace.why/1", run: formatRunId(id), ...explanation }));
    return exitCodes.ok;
  }
  terminal.out(printable(`${formatRunId(id)}: ${explanation.summary}`));
  for (const detail of explanation.details) terminal.out(printable(`  ${detail}`));
  if (explanation.remedy !== undefined) terminal.note(printable(`  hint: ${explanation.remedy}`));
  return exitCodes.ok;
}
