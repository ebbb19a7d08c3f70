// `millrace run`: submit → work → follow → report. If an unfinished run of the same name and params exists, it goes on.
import type { Run } from "../../../api/run.ts";
import type { App } from "../../../app/app.ts";
import type { RunningWorker } from "../../../app/start-worker.ts";
import { parseDuration } from "../../../core/duration.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { fullRefreshParam } from "../../../core/job/full-refresh.ts";
import { limitParam, maxSampleRows } from "../../../core/job/sample.ts";
import { formatRunId, type RunId } from "../../../core/run-id.ts";
import { isSecretKey, maskSecretFields } from "../../../core/errors/secret-redactor.ts";
import { isTerminal } from "../../../core/job/run-state.ts";
import { checkParams } from "../../../server/control/check-params.ts";
import { toRun } from "../../../server/views/runs/to-run.ts";
import type { RunSummary } from "../../../store/rows/run-records.ts";
import type { CommandContext } from "../../command-context.ts";
import { startDeadline } from "../../parse/deadline.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { fitParams, paramSchemasOf } from "../../parse/fit-params.ts";
import { listenForInterruption } from "../../interruption.ts";
import { parseParams } from "../../parse/parse-params.ts";
import { toWindow } from "../../parse/to-window.ts";
import { openTape } from "./open-tape.ts";
import { parseSlots } from "../../parse/parse-slots.ts";
import { printRows } from "../../print/print-rows.ts";
import { printPlan } from "../../print/print-plan.ts";
import type { ControlCalls } from "../../control/control-plane.ts";
import { loadRunView, type RunView, toRunViewJson } from "../../control/load-run-view.ts";
import { hasWarning, printRunReport } from "../../control/print-run-report.ts";
import { createRunProgress } from "../../print/run-progress.ts";
import { printable, type Terminal } from "../../print/terminal.ts";
import { explainBy, WaitReasons } from "../../control/wait-reasons.ts";
import { toShellCommand } from "../../to-shell-command.ts";
import { parseInteger } from "../../parse/parse-integer.ts";

export interface RunOptions {
  readonly param: readonly string[];
  readonly params?: string;
  readonly from?: string;
  readonly to?: string;
  readonly slots?: string;
  readonly limit?: string;
  readonly fullRefresh?: true;
  readonly record?: string;
  readonly playback?: string;
  readonly dryRun?: true;
  readonly failOn?: string;
  readonly waitTimeout?: string;
  readonly json?: true;
}

/** @returns 0 finished, 1 failed, 2 could not start, 3 warnings with `--fail-on warn`, 6 stopped, 75 still going after `--wait-timeout` */
export async function run(context: CommandContext, options: RunOptions, name: string): Promise<ExitCode> {
  const { terminal } = context;
  const given = parseParams(options.param, options.params);
  const window = toWindow(options);
  const limits = { slots: parseSlots(options.slots), timeoutMs: toTimeoutMs(options.waitTimeout) };
  assertFailOn(options.failOn);
  await using tape = await openTape(context, options);
  await using app = await context.openApp({ tape: tape.tape });
  const target = app.definitions.find(name);
  const fitted = fitParams(given, paramSchemasOf(target));
  const params = {
    ...fitted,
    ...(options.fullRefresh ? { [fullRefreshParam]: true } : {}),
    ...(options.limit === undefined
      ? {}
      : { [limitParam]: parseInteger("--limit", options.limit, { most: maxSampleRows }) }),
  };
  // What could not start is a mistake of the command line and leaves no run behind.
  checkParams(target, params);
  const plan = await app.plan(name, { params });
  if (options.dryRun) {
    const notices = [
      ...plan.notices,
      ...(options.fullRefresh ? [fullRefreshNotice] : []),
      ...(options.limit === undefined ? [] : [sampleNotice]),
    ];
    printPlan(terminal, { ...plan, notices }, options.json === true);
    return exitCodes.ok;
  }
  app.assertExecutable(name);
  const worker = await app.startWorker(limits.slots === undefined ? {} : { slots: limits.slots });
  const by = context.environment.user;
  const { rootRunId, created } = await app.submit(name, {
    params,
    createdBy: by,
    ...(window ? { window } : {}),
    // No other process has the tape, so that there the run would ask the services themselves.
    ...(tape.tape === undefined ? {} : { boundTo: worker.id }),
  });
  terminal.note(`${created ? "started" : "continuing"} run ${formatRunId(rootRunId)}: ${name}`);
  const openPlane = async (): Promise<ControlCalls> => {
    const { createLocalCalls } = await import("../../control/local-control-plane.ts");
    return createLocalCalls(app, by);
  };
  // The handlers are loaded when they are needed, which for a run that need not wait is after its end.
  const reasons = new WaitReasons(async (runId) => await explainBy(await openPlane())(runId));
  const { isStopped } = await followUntilEnd(terminal, app, rootRunId, {
    timeoutMs: limits.timeoutMs,
    reasons,
    worker,
  });
  if (tape.tape !== undefined) await endWithTape(app, rootRunId, by);
  const code = await report(context, await openPlane(), options, { runId: formatRunId(rootRunId), isStopped });
  for (const note of tape.notes()) terminal.note(note);
  return code;
}

/** Rows of each dataset that the run has made a sample of. */
async function printSamples(terminal: Terminal, plane: ControlCalls, { outputs }: RunView["run"]): Promise<void> {
  for (const { dataset } of outputs) {
    terminal.out(`\n${dataset}`);
    printRows(terminal, await plane.call("listDatasetRows", { params: { dataset }, query: { limit: maxShownRows } }));
  }
}

const maxShownRows = 20;

// Ended, or as this process left it because it was asked to stop or the time was up.
async function report(
  { terminal }: CommandContext,
  plane: ControlCalls,
  options: RunOptions,
  { runId, isStopped }: { readonly runId: string; readonly isStopped: boolean },
): Promise<ExitCode> {
  const view = await loadRunView(plane, runId);
  const hasEnded = isTerminal(view.run.state);
  if (options.json) terminal.json(toRunViewJson(view));
  else if (hasEnded) printRunReport(terminal, view);
  if (options.limit !== undefined && hasEnded && !options.json) await printSamples(terminal, plane, view.run);
  if (!hasEnded) {
    noteHowToContinue(terminal, view.run, options);
    return isStopped ? exitCodes.stopped : exitCodes.stillQueued;
  }
  if (view.run.state !== "FINISHED") return exitCodes.runFailed;
  return options.failOn === "warn" && (await hasWarning(plane, view)) ? exitCodes.warnings : exitCodes.ok;
}

const sampleNotice = "a sample: rows go to `<dataset>__sample`, and no watermark moves";
const fullRefreshNotice = "as if for the first time: watermarks are ignored, rows and columns are replaced";

/** A run that is left unfinished would have to go on without its tape. */
async function endWithTape({ store }: App, runId: RunId, by: string): Promise<void> {
  const reason = "its exchanges were recorded or played by a command that has ended";
  try {
    await store.control({ action: "stop", target: { runId }, by, reason });
  } catch (error) {
    if (!(error instanceof MillraceError && error.code === "TRANSITION_INVALID")) throw error;
  }
}

interface FollowOptions {
  readonly timeoutMs: number | undefined;
  readonly reasons: WaitReasons;
  /** Is stopped at the end, while a second Ctrl-C still leaves at once. */
  readonly worker: Pick<RunningWorker, "stop">;
}

async function followUntilEnd(
  terminal: Terminal,
  app: App,
  runId: RunId,
  { timeoutMs, reasons, worker }: FollowOptions,
): Promise<{ readonly isStopped: boolean }> {
  const progress = createRunProgress(terminal);
  using interruption = listenForInterruption(() => {
    progress.finish();
    terminal.note("stopping: the jobs wind down; press Ctrl-C again to leave at once");
  });
  using deadline = startDeadline(timeoutMs);
  const signal = AbortSignal.any([interruption.signal, deadline.signal]);
  const onChange = async (look: RunSummary): Promise<void> => {
    const nowMs = Date.now();
    const run = toRun(look, { nowMs });
    const jobs = (await listJobs(app, look)).map((job) => toRun(job, { nowMs }));
    if (signal.aborted) return;
    progress.show(run, jobs, nowMs);
    const lines = await reasons.look(run, jobs, nowMs);
    if (!signal.aborted) progress.tell(lines);
  };
  await app.waitForRun(runId, { signal, onChange }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  await worker.stop();
  if (!interruption.signal.aborted) progress.finish();
  return { isStopped: interruption.signal.aborted };
}

// Other params or another window would start another run, so the whole command is given.
function noteHowToContinue(terminal: Terminal, run: Run, options: RunOptions): void {
  const { param, params, from, to } = options;
  const words = ["millrace", "run", run.job_name, ...param.flatMap((pair) => ["-p", maskPair(pair)])];
  if (params !== undefined) words.push("--params", maskSecretFields(params));
  if (from !== undefined && to !== undefined) words.push("--from", from, "--to", to);
  if (options.limit !== undefined) words.push("--limit", options.limit);
  if (options.fullRefresh) words.push("--full-refresh");
  terminal.note(`run ${run.run_id} is not finished, and nothing half-done was published; it goes on with`);
  terminal.note(`  ${printable(toShellCommand(words))}`);
}

// The output may be kept, by a scheduler or a CI; whoever gave the secret has it.
function maskPair(pair: string): string {
  const name = pair.slice(0, Math.max(0, pair.indexOf("=")));
  return isSecretKey(name) ? `${name}=…` : pair;
}

const maxShownJobs = 200;

async function listJobs(app: App, run: RunSummary): Promise<readonly RunSummary[]> {
  if (run.kind === "job") return [];
  const jobs = await app.store.listRuns({ parentRunId: run.id, limit: maxShownJobs });
  return jobs.toSorted((a, b) => a.id - b.id);
}

function toTimeoutMs(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text, "--wait-timeout");
}

function assertFailOn(level: string | undefined): void {
  if (level === undefined || level === "warn") return;
  throw new MillraceError("USAGE_INVALID", `expected \`--fail-on\` to be \`warn\`, got: \`${level}\``);
}
