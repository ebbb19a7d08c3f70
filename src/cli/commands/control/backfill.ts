// `millrace backfill`: runs the windows of a range that have no finished run, and shows them first.
import { MillraceError } from "../../../core/errors/errors.ts";
import { formatRunId } from "../../../core/run-id.ts";
import { parseWindow, type Window } from "../../../core/schedule/window.ts";
import type { App } from "../../../app/app.ts";
import { backfillParams } from "../../../orchestrator/scheduling/backfill.ts";
import type { BackfillPlan } from "../../../orchestrator/scheduling/plan-backfill.ts";
import { checkParams } from "../../../server/control/check-params.ts";
import type { CommandContext } from "../../command-context.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { fitParams, paramSchemasOf } from "../../parse/fit-params.ts";
import { fitToServer } from "../../control/fit-to-server.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { type GivenParams, parseParams } from "../../parse/parse-params.ts";
import type { Terminal } from "../../print/terminal.ts";

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
  const input = {
    name,
    given,
    range: parseWindow(options.from, options.to),
    parallelism: toParallelism(options.parallel),
  };
  if (context.environment.server !== undefined) return backfillOnServer(context, options, input);
  await using app = await context.openApp();
  return await backfillHere(context, options, input, app);
}

interface BackfillInput {
  readonly name: string;
  readonly range: Window;
  readonly given: GivenParams | undefined;
  readonly parallelism: number;
}

async function backfillHere(
  { terminal, environment }: CommandContext,
  options: BackfillCommandOptions,
  { name, given, range, parallelism }: BackfillInput,
  app: App,
): Promise<ExitCode> {
  const target = app.definitions.find(name);
  const params = given === undefined ? {} : { params: fitParams(given, paramSchemasOf(target)) };
  // What is no param would fill the windows once more, since runs with other params are other runs.
  checkParams(target, backfillParams(target, params));
  const scope = { range, ...params, ...(options.step === undefined ? {} : { step: options.step }) };
  const print = (plan: BackfillPlan, run: string | null): void => {
    if (options.json) terminal.json({ schema: "millrace.backfill/1", ...plan, run });
    else printPlan(terminal, plan, run === null ? undefined : `${run} runs them, ${parallelism} at a time`);
  };
  if (options.dryRun) print(await app.planBackfill(name, scope), null);
  else {
    const { plan, submitted } = await app.backfill(name, { ...scope, parallelism, createdBy: environment.user });
    print(plan, submitted === undefined ? null : formatRunId(submitted.rootRunId));
  }
  return exitCodes.ok;
}

async function backfillOnServer(
  context: CommandContext,
  { step, dryRun, json }: BackfillCommandOptions,
  { name, given, range, parallelism }: BackfillInput,
): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context);
  const params = given === undefined ? {} : { params: await fitToServer(plane, name, given) };
  const result = await plane.call("backfillJob", {
    params: { job_name: name },
    body: {
      ...range,
      ...params,
      parallelism,
      ...(step === undefined ? {} : { step }),
      ...(dryRun ? { dry_run: true } : {}),
    },
  });
  if (json) {
    terminal.json({ schema: "millrace.server-backfill/1", name, ...result });
    return exitCodes.ok;
  }
  terminal.out(
    summarise(name, {
      missing: result.count,
      finished: result.finished,
      unfinished: result.unfinished,
      otherParams: result.other_params,
      notEnded: result.not_ended,
    }),
  );
  printWindows(terminal, result.windows, result.count);
  if (result.run_id !== null) terminal.out(`${result.run_id} runs them, ${parallelism} at a time`);
  return exitCodes.ok;
}

const maxShown = 10;

function printPlan(terminal: Terminal, plan: BackfillPlan, started: string | undefined): void {
  const { name, missing, finished, unfinished, otherParams, notEnded } = plan;
  terminal.out(
    summarise(name, {
      missing: missing.length,
      finished: finished.length,
      unfinished: unfinished.length,
      otherParams: otherParams.length,
      notEnded: notEnded.length,
    }),
  );
  printWindows(terminal, missing, missing.length);
  if (started !== undefined) terminal.out(started);
}

type Counts = Readonly<Record<"missing" | "finished" | "unfinished" | "otherParams" | "notEnded", number>>;

function summarise(name: string, { missing, finished, unfinished, otherParams, notEnded }: Counts): string {
  const others = otherParams === 0 ? "" : ` (${otherParams} of them finished or under way with other params)`;
  const coming = notEnded === 0 ? "" : `, ${notEnded} not ended yet`;
  return `${name}: ${formatCountOf(missing, "window")} ${missing === 1 ? "is" : "are"} missing${others}, ${finished} finished, ${unfinished} under way${coming}`;
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
