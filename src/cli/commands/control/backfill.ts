// `millrace backfill`: runs the windows of a range that have no finished run, and shows them first.
import type { BackfillResult } from "../../../api/job.ts";
import { parseWindow, type Window } from "../../../core/schedule/window.ts";
import type { CommandContext } from "../../command-context.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { fitToServer } from "../../control/fit-to-server.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { parseParams } from "../../parse/parse-params.ts";
import type { Terminal } from "../../print/terminal.ts";
import { parseInteger } from "../../parse/parse-integer.ts";

export interface BackfillCommandOptions {
  readonly from: string;
  readonly to: string;
  readonly step?: string;
  readonly parallel: string;
  readonly param: readonly string[];
  readonly params?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** Hands the missing windows to the workers as one run. @throws MillraceError `JOB_UNKNOWN` | `VALUE_INVALID` */
export async function backfill(
  context: CommandContext,
  options: BackfillCommandOptions,
  name: string,
): Promise<ExitCode> {
  // Without any, the runs get what the schedule gives its own.
  const isGiven = options.param.length > 0 || options.params !== undefined;
  const given = isGiven ? parseParams(options.param, options.params) : undefined;
  const range = parseWindow(options.from, options.to);
  const parallelism = parseInteger("--parallel", options.parallel, { most: 1_000 });
  await using plane = await openControlPlane(context);
  const result = await plane.call("backfillJob", {
    params: { job_name: name },
    body: {
      ...range,
      ...(given === undefined ? {} : { params: await fitToServer(plane, name, given) }),
      parallelism,
      ...(options.step === undefined ? {} : { step: options.step }),
      ...(options.dryRun ? { dry_run: true } : {}),
    },
  });
  if (options.json) context.terminal.json({ job_name: name, ...result });
  else print(context.terminal, { name, result, parallelism });
  return exitCodes.ok;
}

interface Printed {
  readonly name: string;
  readonly result: BackfillResult;
  readonly parallelism: number;
}

function print(terminal: Terminal, { name, result, parallelism }: Printed): void {
  terminal.out(summarise(name, result));
  printWindows(terminal, result.windows, result.count);
  if (result.run_id !== null) terminal.out(`${result.run_id} runs them, ${parallelism} at a time`);
}

function summarise(
  name: string,
  { count, finished, unfinished, other_params: otherParams, not_ended: notEnded }: BackfillResult,
): string {
  const others = otherParams === 0 ? "" : ` (${otherParams} of them finished or under way with other params)`;
  const coming = notEnded === 0 ? "" : `, ${notEnded} not ended yet`;
  return `${name}: ${formatCountOf(count, "window")} ${count === 1 ? "is" : "are"} missing${others}, ${finished} finished, ${unfinished} under way${coming}`;
}

const maxShown = 10;

function printWindows(terminal: Terminal, windows: readonly Window[], count: number): void {
  for (const window of windows.slice(0, maxShown)) terminal.out(`  ${describe(window)}`);
  if (count > maxShown) terminal.out(`  and ${count - maxShown} more`);
}

function describe({ from, to }: Window): string {
  return `${from} to ${to}`;
}
