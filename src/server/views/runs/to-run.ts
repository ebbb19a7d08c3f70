// Runs on their way to the wire: ids as `r42`, instants as text, null where there is nothing, and how far a run is.
import type { Progress, Run, RunError, WrittenRows } from "../../../api/run.ts";
import { fingerprintError } from "../../../core/errors/error-fingerprint.ts";
import type { ErrorRecord } from "../../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../../core/run-id.ts";
import { type Estimate, estimate, type PastDurations } from "../../../insight/estimate.ts";
import type { Json, RunSummary } from "../../../store/rows/run-records.ts";
import { toInstant, toInstantOrNull } from "../to-instant.ts";

export interface ToRunOptions {
  /** By the store's clock. */
  readonly nowMs: number;
  /** Since when runs are late. Default: none is. */
  readonly lateSince?: ReadonlyMap<RunId, number>;
  /** How long runs of a job took before; without it an estimate goes by the run's own pace alone. */
  readonly pastOf?: (job: string) => PastDurations | undefined;
}

/** A run as lists show it. */
export function toRun(run: RunSummary, options: ToRunOptions): Run {
  const { startedAtMs, finishedAtMs } = run;
  return {
    run_id: formatRunId(run.id),
    job_name: run.job,
    kind: run.kind,
    parent_run_id: run.parentRunId === undefined ? null : formatRunId(run.parentRunId),
    root_run_id: formatRunId(run.rootRunId),
    state: run.state,
    reason: run.reason ?? null,
    attempt: run.attempt,
    params: run.params,
    window: run.window ?? null,
    tenant: run.tenant,
    created_by: run.createdBy,
    created_at: toInstant(run.createdAtMs),
    started_at: toInstantOrNull(startedAtMs),
    finished_at: toInstantOrNull(finishedAtMs),
    due_at: toInstantOrNull(run.runAtMs),
    duration_ms: durationOf(run) ?? null,
    late_since: run.finishedAtMs === undefined ? toInstantOrNull(options.lateSince?.get(run.id)) : null,
    progress: toProgress(run, options),
    error: run.error === undefined ? null : toRunError(run.error),
    written: toWrittenRows(run.result),
  };
}

// Results are the handlers' own: what is no object, or has other types under these names, states nothing.
function toWrittenRows(result: RunSummary["result"]): WrittenRows | null {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return null;
  const { rows, changed, quarantined } = result as Readonly<Record<string, Json>>;
  const written = {
    rows: typeof rows === "number" ? rows : null,
    changed: typeof changed === "boolean" ? changed : null,
    quarantined: typeof quarantined === "number" ? quarantined : null,
  };
  return Object.values(written).every((value) => value === null) ? null : written;
}

/** How long the newest attempt took; `undefined` while nothing has ended. */
export function durationOf({
  startedAtMs,
  finishedAtMs,
}: Pick<RunSummary, "startedAtMs" | "finishedAtMs">): number | undefined {
  // A clock that was set back makes no run end before it began.
  return startedAtMs === undefined || finishedAtMs === undefined ? undefined : Math.max(0, finishedAtMs - startedAtMs);
}

/** What it reported last; of one that executes also its pace and when it may be done. Null when nothing is known. */
export function toProgress(run: RunSummary, options: ToRunOptions): Progress | null {
  const { progress } = run;
  const known = estimateOf(run, options);
  if (progress === undefined && known?.eta === undefined) return null;
  return {
    percent: known?.percent ?? toPercent(run),
    operation: progress?.operation ?? null,
    done: progress?.done ?? null,
    total: progress?.total ?? null,
    rate: known?.ratePerSecond ?? null,
    eta: toEta(known, options.nowMs),
  };
}

/** An error with the name of its kind. */
export function toRunError(error: ErrorRecord): RunError {
  const { code, message, hint, disposition, origin, errorClass, causes = [] } = error;
  return {
    code,
    message,
    hint: hint ?? null,
    disposition,
    origin,
    error_class: errorClass ?? null,
    fingerprint: fingerprintError(error),
    causes,
  };
}

function estimateOf(run: RunSummary, options: ToRunOptions): Estimate | undefined {
  const { job, state, startedAtMs, attemptStartedAtMs = startedAtMs, progress } = run;
  if (state !== "RUNNING" || startedAtMs === undefined || attemptStartedAtMs === undefined) return undefined;
  // What an attempt before reported says nothing about the pace of this one.
  const isCurrent = progress?.done !== undefined && progress.atMs >= attemptStartedAtMs;
  const samples = isCurrent ? [{ atMs: progress.atMs, done: progress.done, total: progress.total }] : [];
  return estimate({ samples, startedAtMs, attemptStartedAtMs, nowMs: options.nowMs, past: options.pastOf?.(job) });
}

function toPercent({ progress }: RunSummary): number | null {
  const { done, total } = progress ?? {};
  return done === undefined || total === undefined || !(total > 0) ? null : Math.min(100, (100 * done) / total);
}

function toEta(known: Estimate | undefined, nowMs: number): Progress["eta"] {
  if (known?.eta === undefined) return null;
  const { p50Ms, p90Ms } = known.eta;
  // Beyond what a date can hold nobody waits.
  if (!(nowMs + p90Ms < latestMs)) return null;
  return { p50: toInstant(nowMs + p50Ms), p90: toInstant(nowMs + p90Ms) };
}

const latestMs = 8_640_000_000_000_000;
