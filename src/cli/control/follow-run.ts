// Follows a run to its end, wherever it executes, and says how it ended. Ctrl-C leaves the run alone.
import { setTimeout as sleep } from "node:timers/promises";
import type { RunDetail } from "../../api/run.ts";
import { parseRunId } from "../../core/run-id.ts";
import { isTerminal } from "../../core/job/run-state.ts";
import type { CommandContext } from "../command-context.ts";
import type { ControlCalls } from "./control-plane.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { formatState } from "../print/format-run.ts";
import { formatElapsed } from "../print/format-value.ts";
import { listenForInterruption } from "../interruption.ts";
import { createRunProgress, type RunProgress } from "../print/run-progress.ts";
import { explainBy, WaitReasons } from "./wait-reasons.ts";
import { printable } from "../print/terminal.ts";

const everyMs = 500;
const maxShownJobs = 200;

/** @returns 0 finished, 1 failed, 6 stopped by a person, 7 paused @throws MillraceError `RUN_UNKNOWN` */
export async function followRun(
  { terminal }: CommandContext,
  plane: ControlCalls,
  runId: string,
  options: { readonly json?: true },
): Promise<ExitCode> {
  const progress = createRunProgress(terminal);
  const reasons = new WaitReasons(explainBy(plane));
  using interruption = listenForInterruption(() => undefined);
  let run = await look(plane, runId, progress, reasons);
  while (!isAtRest(run) && !interruption.signal.aborted) {
    await sleep(everyMs, undefined, { signal: interruption.signal }).catch(() => undefined);
    if (!interruption.signal.aborted) run = await look(plane, runId, progress, reasons);
  }
  progress.finish();
  if (!isAtRest(run)) {
    terminal.note(
      `run ${runId} goes on; \`millrace watch ${runId}\` comes back to it, \`millrace stop ${runId}\` ends it`,
    );
    return exitCodes.ok;
  }
  if (options.json) terminal.json(run);
  else for (const line of describeEnd(run)) terminal.out(printable(line));
  return toExitCode(run);
}

async function look(
  plane: ControlCalls,
  runId: string,
  progress: RunProgress,
  reasons: WaitReasons,
): Promise<RunDetail> {
  const params = { run_id: runId };
  const run = await plane.call("showRun", { params });
  const children =
    run.kind === "job" ? [] : (await plane.call("listChildren", { params, query: { limit: maxShownJobs } })).items;
  const jobs = children.toSorted((left, right) => parseRunId(left.run_id) - parseRunId(right.run_id));
  const nowMs = Date.now();
  progress.show(run, jobs, nowMs);
  if (!isAtRest(run)) progress.tell(await reasons.look(run, jobs, nowMs));
  return run;
}

// Ended, or set aside until somebody resumes it.
function isAtRest({ state }: RunDetail): boolean {
  return isTerminal(state) || state === "PAUSED";
}

function describeEnd(run: RunDetail): readonly string[] {
  const took = run.duration_ms === null ? "" : ` in ${formatElapsed(run.duration_ms)}`;
  const error = run.error === null ? [] : [`  ${run.error.code}: ${run.error.message}`];
  return [`run ${run.run_id} ${run.job_name}: ${formatState(run)}${took}`, ...error];
}

function toExitCode({ state, reason }: RunDetail): ExitCode {
  if (state === "FINISHED") return exitCodes.ok;
  if (state === "PAUSED") return exitCodes.paused;
  return reason === "stopped" || reason === "force_stopped" ? exitCodes.stopped : exitCodes.runFailed;
}
