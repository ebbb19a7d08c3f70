// `millrace run`: submit → work → follow → report. If an unfinished run of the same name and params exists, it goes on.
import type { App } from "../../app.ts";
import { parseDuration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import { isTerminal } from "../../core/run-state.ts";
import { parseWindow, type Window } from "../../core/window.ts";
import type { RunSummary } from "../../store/run-records.ts";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { listenForInterruption } from "../interruption.ts";
import { parseParams } from "../parse-params.ts";
import { printPlan } from "../print-plan.ts";
import { printRunReport } from "../print-run-report.ts";
import { createRunProgress } from "../run-progress.ts";

export interface RunOptions {
  readonly param: readonly string[];
  readonly params?: string;
  readonly from?: string;
  readonly to?: string;
  readonly slots?: string;
  readonly dryRun?: true;
  readonly failOn?: string;
  readonly waitTimeout?: string;
  readonly json?: true;
}

/** @returns 0 finished, 1 failed, 3 warnings with `--fail-on warn`, 6 stopped, 75 still going after `--wait-timeout` */
export async function run(context: CommandContext, options: RunOptions, name: string): Promise<ExitCode> {
  const params = parseParams(options.param, options.params);
  const window = toWindow(options);
  const slots = toSlots(options.slots);
  assertFailOn(options.failOn);
  await using app = await context.openApp();
  if (options.dryRun) {
    printPlan(context.terminal, await app.plan(name, { params }), options.json === true);
    return exitCodes.ok;
  }
  const { rootRunId, created } = await app.submit(name, {
    params,
    createdBy: context.environment.user,
    ...(window ? { window } : {}),
  });
  context.terminal.note(`${created ? "started" : "continuing"} run ${formatRunId(rootRunId)}: ${name}`);
  const end = await workUntilEnd(context, app, rootRunId, { slots, waitTimeout: options.waitTimeout, name });
  if (typeof end === "number") return end;
  const { warnings } = await printRunReport(context.terminal, app, end, options.json === true);
  if (end.state !== "FINISHED") return exitCodes.runFailed;
  return warnings > 0 && options.failOn === "warn" ? exitCodes.warnings : exitCodes.ok;
}

interface WorkOptions {
  readonly slots: number | undefined;
  readonly waitTimeout: string | undefined;
  readonly name: string;
}

// The ended run, or the exit code when this process stopped before that.
async function workUntilEnd(
  context: CommandContext,
  app: App,
  runId: RunId,
  options: WorkOptions,
): Promise<RunSummary | ExitCode> {
  const { terminal } = context;
  const progress = createRunProgress(terminal);
  using interruption = listenForInterruption(() => {
    progress.finish();
    terminal.note("stopping: the jobs wind down; press Ctrl-C again to leave at once");
  });
  const timeoutMs =
    options.waitTimeout === undefined ? undefined : parseDuration(options.waitTimeout, "--wait-timeout");
  const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const signal = timeout === undefined ? interruption.signal : AbortSignal.any([interruption.signal, timeout]);
  const worker = await app.startWorker(options.slots === undefined ? {} : { slots: options.slots });
  const onChange = async (look: RunSummary): Promise<void> =>
    progress.show(look, await listJobs(app, look), Date.now());
  const end = await app.waitForRun(runId, { signal, onChange }).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  await worker.stop();
  if (end !== undefined) {
    progress.finish();
    return end;
  }
  const last = await app.store.findRun(runId);
  if (last !== undefined && isTerminal(last.state)) return last;
  terminal.note(
    `run ${formatRunId(runId)} is not finished, and nothing half-done was published; \`millrace run ${options.name}\` goes on with it`,
  );
  return interruption.signal.aborted ? exitCodes.stopped : exitCodes.stillQueued;
}

const maxShownJobs = 200;

async function listJobs(app: App, run: RunSummary): Promise<readonly RunSummary[]> {
  if (run.kind === "job") return [];
  const jobs = await app.store.listRuns({ parentRunId: run.id, limit: maxShownJobs });
  return jobs.toSorted((a, b) => a.id - b.id);
}

function toWindow({ from, to }: RunOptions): Window | undefined {
  if (from === undefined && to === undefined) return undefined;
  if (from !== undefined && to !== undefined) return parseWindow(from, to);
  throw new MillraceError("USAGE_INVALID", "expected `--from` and `--to` together");
}

function toSlots(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const slots = Number(text);
  if (Number.isInteger(slots) && slots >= 1 && slots <= 1_000) return slots;
  throw new MillraceError("USAGE_INVALID", `expected \`--slots\` to be an integer from 1 to 1000, got: \`${text}\``);
}

function assertFailOn(level: string | undefined): void {
  if (level === undefined || level === "warn") return;
  throw new MillraceError("USAGE_INVALID", `expected \`--fail-on\` to be \`warn\`, got: \`${level}\``);
}
