// `millrace backfill`: runs the windows of a range that have no finished run, and shows them first.
import { MillraceError } from "../../core/errors.ts";
import { formatRunId } from "../../core/run-id.ts";
import { parseWindow, type Window } from "../../core/window.ts";
import type { BackfillPlan } from "../../orchestrator/plan-backfill.ts";
import type { Json } from "../../store/run-records.ts";
import type { CommandContext } from "../command-context.ts";
import { openControlPlane } from "../open-control-plane.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { parseParams } from "../parse-params.ts";
import type { Terminal } from "../terminal.ts";

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
  const { terminal, environment } = context;
  const range = parseWindow(options.from, options.to);
  const params = parseParams(options.param, options.params);
  const parallelism = toParallelism(options.parallel);
  if (environment.server !== undefined) return backfillOnServer(context, options, { name, range, params, parallelism });
  await using app = await context.openApp();
  await app.plan(name, { params });
  const scope = { range, ...(options.step === undefined ? {} : { step: options.step }) };
  const plan = await app.planBackfill(name, scope);
  if (!options.json) printPlan(terminal, plan);
  if (options.dryRun || plan.missing.length === 0) {
    if (options.json) terminal.json({ schema: "millrace.backfill/1", ...plan, run: null });
    return exitCodes.ok;
  }
  const { rootRunId } = await app.backfill(name, { ...scope, params, parallelism, createdBy: environment.user });
  const run = formatRunId(rootRunId);
  if (options.json) terminal.json({ schema: "millrace.backfill/1", ...plan, run });
  else terminal.out(`${run} runs them, ${parallelism} at a time`);
  return exitCodes.ok;
}

interface BackfillInput {
  readonly name: string;
  readonly range: Window;
  readonly params: Readonly<Record<string, Json>>;
  readonly parallelism: number;
}

async function backfillOnServer(
  context: CommandContext,
  { step, dryRun, json }: BackfillCommandOptions,
  { name, range, params, parallelism }: BackfillInput,
): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context);
  const result = await plane.call("backfillJob", {
    params: { job_name: name },
    body: {
      ...range,
      params,
      parallelism,
      ...(step === undefined ? {} : { step }),
      ...(dryRun ? { dry_run: true } : {}),
    },
  });
  if (json) {
    terminal.json({ schema: "millrace.server-backfill/1", name, ...result });
    return exitCodes.ok;
  }
  terminal.out(`${name}: ${result.count} windows are missing, ${result.existing} have a run`);
  printWindows(terminal, result.windows, result.count);
  if (result.run_id !== null) terminal.out(`${result.run_id} runs them, ${parallelism} at a time`);
  return exitCodes.ok;
}

const maxShown = 10;

function printPlan(terminal: Terminal, { name, missing, finished, unfinished }: BackfillPlan): void {
  terminal.out(
    `${name}: ${missing.length} windows are missing, ${finished.length} finished, ${unfinished.length} under way`,
  );
  printWindows(terminal, missing, missing.length);
}

function printWindows(terminal: Terminal, windows: readonly Window[], count: number): void {
  for (const window of windows.slice(0, maxShown)) terminal.out(`  ${describe(window)}`);
  if (count > maxShown) terminal.out(`  and ${count - maxShown} more`);
}

function describe({ from, to }: Window): string {
  return `${from} to ${to}`;
}

function toParallelism(text: string): number {
  const parallelism = Number(text);
  if (Number.isInteger(parallelism) && parallelism >= 1 && parallelism <= 1_000) return parallelism;
  throw new MillraceError("USAGE_INVALID", `expected \`--parallel\` to be an integer from 1 to 1000, got: \`${text}\``);
}
