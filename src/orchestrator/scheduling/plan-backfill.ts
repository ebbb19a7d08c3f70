// Backfill: the windows of a range that a job or pipeline has no finished run for, shown first and then run as one pipeline
// run. Never more than `parallelism` windows are under way at once: each waits for the one that many places before it.
import { formatDuration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Job } from "../../core/job/job.ts";
import type { JobPipeline } from "../../core/job/pipeline.ts";
import { describeTiming, type ScheduleTiming } from "../../core/schedule/schedule.ts";
import { listFires } from "../../core/schedule/schedule-fires.ts";
import { splitWindow, type Window } from "../../core/schedule/window.ts";
import type { NewEdge, NewRun, Submission } from "../../store/rows/run-records.ts";
import type { WindowOverview, WindowRecord } from "../../store/submit/windows.ts";
import { type SubmissionOptions, toSubmission } from "../submission/to-submission.ts";

export interface BackfillRequest {
  /** The job or pipeline. */
  readonly name: string;
  readonly range: Window;
  /** Windows from fire to fire of a schedule, or steps of fixed length from the start of the range. */
  readonly by: ScheduleTiming | { readonly kind: "step"; readonly stepMs: number };
  /** What `listWindows` tells of the range. */
  readonly existing: WindowOverview;
}

/** What a backfill would do, for a person to look at. */
export interface BackfillPlan {
  readonly name: string;
  readonly range: Window;
  /** To be run, oldest first. */
  readonly missing: readonly Window[];
  readonly finished: readonly Window[];
  /** A run for them exists and has not ended. */
  readonly unfinished: readonly Window[];
  /** The missing windows that runs with other params have filled, or are about to fill. */
  readonly otherParams: readonly Window[];
  /** Left out, since what belongs to them may still come: they end later than now, by the store's clock. */
  readonly notEnded: readonly Window[];
}

/** The most windows of one backfill. */
export const maxBackfillWindows = 10_000;
/** The most runs of one backfill: its windows times the jobs of the pipeline. */
export const maxBackfillRuns = 50_000;

/**
 * The windows of the range, sorted by what there is of each. By a schedule only whole windows count; the last step may be shorter.
 * @throws MillraceError `VALUE_INVALID` for more than `maxBackfillWindows`, and when the range holds no window that has ended
 */
export function planBackfill({ name, range, by, existing }: BackfillRequest): BackfillPlan {
  const windows = by.kind === "step" ? stepWindows(range, by.stepMs) : scheduleWindows(range, by);
  assertWindowCount(windows.length, { name, range, by });
  const now = new Date(existing.nowMs).toISOString();
  const ended = windows.filter(({ to }) => to <= now);
  if (ended.length === 0) throw noneEnded(name, windows, now);
  const states = new Map(existing.windows.map(({ window, state }) => [keyOf(window), state]));
  const having = (...wanted: readonly (WindowRecord["state"] | undefined)[]): Window[] =>
    ended.filter((window) => wanted.includes(states.get(keyOf(window))));
  return {
    name,
    range,
    missing: having(undefined, "other_params"),
    finished: having("FINISHED"),
    unfinished: having("unfinished"),
    otherParams: having("other_params"),
    notEnded: windows.slice(ended.length),
  };
}

export interface BackfillSubmission {
  readonly submission: Submission;
  /** Positions of the runs that fill the windows. */
  readonly positions: readonly number[];
}

export interface BackfillOptions extends Omit<SubmissionOptions, "window"> {
  /** Windows under way at once. */
  readonly parallelism: number;
}

/**
 * One pipeline run `backfill:<name>` with a run for each missing window. A window that fails does not keep others from
 * running.
 * @throws MillraceError `VALUE_INVALID` when nothing is missing, or for a wrong `parallelism` or more than `maxBackfillRuns`
 */
export function toBackfillSubmission(
  target: Job | JobPipeline<string>,
  plan: BackfillPlan,
  { parallelism, ...options }: BackfillOptions,
): BackfillSubmission {
  assertSize(target, plan, parallelism);
  const name = `backfill:${target.name}`;
  const { params, tenant, createdBy } = options;
  const runs: NewRun[] = [{ job: name, kind: "pipeline", params, window: plan.range, tenant, createdBy }];
  const edges: NewEdge[] = [];
  const roots: number[] = [];
  for (const window of plan.missing) {
    const { runs: own, edges: ownEdges } = toSubmission(target, { ...options, window });
    const first = runs.length;
    const before = roots[roots.length - parallelism];
    roots.push(first);
    for (const run of own) runs.push({ ...run, parent: run.parent === undefined ? 0 : run.parent + first });
    for (const { parent, child, ...edge } of ownEdges) {
      edges.push({ parent: parent + first, child: child + first, ...edge });
    }
    if (before === undefined) continue;
    for (const entry of entriesOf(own, ownEdges)) {
      edges.push({ parent: before, child: entry + first, onUpstreamFailure: "continue" });
    }
  }
  return { submission: { runs, edges }, positions: roots };
}

function assertWindowCount(count: number, { name, range, by }: Omit<BackfillRequest, "existing">): void {
  if (count > maxBackfillWindows) {
    throw new MillraceError(
      "VALUE_INVALID",
      `expected a backfill of \`${name}\` to have at most \`${maxBackfillWindows}\` windows, got more from: \`${range.from}\``,
      { hint: "split the range, or use a longer step" },
    );
  }
  if (count > 0) return;
  const kind = by.kind === "step" ? formatDuration(by.stepMs) : describeTiming(by);
  throw new MillraceError(
    "VALUE_INVALID",
    `the range \`${range.from}\` to \`${range.to}\` holds no whole window of \`${name}\`, got: \`${kind}\``,
  );
}

// A run would find nothing to read, and later nobody would look again.
function noneEnded(name: string, [first]: readonly Window[], now: string): MillraceError {
  const message = `expected the range to hold a window of \`${name}\` that has ended by \`${now}\`, the first ends: \`${first?.to}\``;
  return new MillraceError("VALUE_INVALID", message, {
    hint: "a window is filled when it has ended; take a range in the past, or leave it to the schedule",
  });
}

function assertSize(target: Job | JobPipeline<string>, { missing }: BackfillPlan, parallelism: number): void {
  if (!Number.isSafeInteger(parallelism) || parallelism < 1) {
    const message = `expected \`parallelism\` to be a positive integer, got: \`${parallelism}\``;
    throw new MillraceError("VALUE_INVALID", message);
  }
  if (missing.length === 0) {
    throw new MillraceError(
      "VALUE_INVALID",
      `nothing is missing, so there is no backfill of \`${target.name}\` to run`,
    );
  }
  const count = missing.length * (target.kind === "job" ? 1 : target.nodes().length + 1);
  if (count <= maxBackfillRuns) return;
  throw new MillraceError(
    "VALUE_INVALID",
    `expected a backfill of \`${target.name}\` to have at most \`${maxBackfillRuns}\` runs, got: \`${count}\``,
    { hint: "split the range" },
  );
}

// Jobs that wait for no other job of their window.
function entriesOf(runs: readonly NewRun[], edges: readonly NewEdge[]): number[] {
  const waiting = new Set(edges.map(({ child }) => child));
  return runs.flatMap(({ kind }, position) => (kind === "job" && !waiting.has(position) ? [position] : []));
}

function stepWindows(range: Window, stepMs: number): Window[] {
  const windows: Window[] = [];
  for (const window of splitWindow(range, stepMs)) {
    windows.push(window);
    if (windows.length > maxBackfillWindows) break;
  }
  return windows;
}

function scheduleWindows(range: Window, timing: ScheduleTiming): Window[] {
  const fires = listFires(timing, Date.parse(range.from), Date.parse(range.to) + 1, maxBackfillWindows + 2);
  const instants = fires.map((ms) => new Date(ms).toISOString());
  return instants.slice(1).map((to, index) => ({ from: instants[index] ?? to, to }));
}

function keyOf({ from, to }: Window): string {
  return `${from}/${to}`;
}
