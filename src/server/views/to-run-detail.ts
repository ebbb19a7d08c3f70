// What a run's page shows beside the run itself: attempts, units, data, checks, and what may be asked of it.
import type { Attempt, DatasetUse, RunCheck, RunDetail } from "../../api/run.ts";
import type { CheckResult } from "../../core/dataset/check.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { RunState } from "../../core/job/run-state.ts";
import type { RunFindings } from "../../store/record/run-findings.ts";
import type { AttemptMetrics, AttemptRecord, Json, RunSummary } from "../../store/rows/run-records.ts";
import { listAllowedActions } from "./allowed-actions.ts";
import type { ServerDefinitions, ServerServices } from "../server-services.ts";
import { toInstant } from "./to-instant.ts";
import { toRun, toRunError } from "./to-run.ts";
import { toRunOptions } from "./run-page.ts";

/** Reads a bounded part of the store, however large the run is. */
export async function loadRunDetail(services: ServerServices, run: RunSummary): Promise<RunDetail> {
  const { store } = services;
  const isPipeline = run.kind === "pipeline";
  const [findings, children, options] = await Promise.all([
    store.readRunFindings(run.id),
    isPipeline ? store.countChildren(run.id) : null,
    toRunOptions(services, [run]),
  ]);
  return {
    ...toRun(run, options),
    result: run.result ?? null,
    worker: findings.executing?.worker ?? null,
    children,
    first_failed_run_id: findings.firstFailedRunId === undefined ? null : formatRunId(findings.firstFailedRunId),
    attempts: toAttempts(findings),
    units: findings.units,
    inputs: listInputs(services.definitions(), run),
    outputs: listOutputs(findings),
    checks: listChecks(findings),
    warnings: listWarnings(findings),
    actions: listAllowedActions(run.state, statesOf(children)),
    last_seq: findings.lastSeq,
  };
}

/** States that at least one of the counted runs has. */
export function statesOf(counts: Readonly<Partial<Record<RunState, number>>> | null): readonly RunState[] {
  // The store counts by state.
  return counts === null ? [] : (Object.keys(counts) as RunState[]);
}

function toAttempts({ attempts, executing }: RunFindings): readonly Attempt[] {
  const ended = attempts.map(toAttempt);
  if (executing === undefined) return ended;
  const { attempt, epoch, worker, startedAtMs } = executing;
  const current = { attempt, epoch, worker, started_at: toInstant(startedAtMs) };
  return [...ended, { ...current, ended_at: null, end: null, error: null, metrics: null }];
}

function toAttempt({ attempt, epoch, worker, startedAtMs, endedAtMs, end, error, metrics }: AttemptRecord): Attempt {
  return {
    attempt,
    epoch,
    worker,
    started_at: toInstant(startedAtMs),
    ended_at: toInstant(endedAtMs),
    end,
    error: error === undefined ? null : toRunError(error),
    metrics: metrics === undefined ? null : toMetrics(metrics),
  };
}

function toMetrics(metrics: AttemptMetrics): Attempt["metrics"] {
  return {
    cpu_ms: metrics.cpuMs ?? null,
    peak_memory_bytes: metrics.peakMemoryBytes ?? null,
    network_bytes_in: metrics.networkBytesIn ?? null,
    network_bytes_out: metrics.networkBytesOut ?? null,
    store_calls: metrics.storeCalls ?? null,
    store_ms: metrics.storeMs ?? null,
    shared: metrics.shared ?? false,
  };
}

// As the definitions are now; which version a run read is not recorded.
function listInputs({ jobs, pipelines }: ServerDefinitions, { job }: RunSummary): readonly DatasetUse[] {
  const unknown = { version: null, rows: null, row_count: null, changed: null };
  const pipeline = pipelines.get(job);
  if (pipeline === undefined) {
    return (jobs.get(job)?.inputs ?? []).map((dataset) => ({ dataset, job_name: job, ...unknown }));
  }
  const external = new Set(pipeline.externalInputs());
  return pipeline
    .nodes()
    .flatMap(({ job: { name, inputs } }) =>
      inputs.filter((dataset) => external.has(dataset)).map((dataset) => ({ dataset, job_name: name, ...unknown })),
    );
}

// Events tell what a run wrote. A version that only its result names was there already, and nothing had changed.
/** Datasets that a run and the runs in it wrote, or found as they should be. */
export function listOutputs({ events, named }: RunFindings): readonly DatasetUse[] {
  const outputs = new Map<string, DatasetUse>();
  for (const { runId, job, dataset, version, rowCount, isOwn } of named) {
    const counts = { rows: isOwn ? null : 0, row_count: rowCount };
    outputs.set(`${runId} ${dataset}`, { dataset, job_name: job, version, ...counts, changed: isOwn });
  }
  for (const { runId, job, type, data } of events) {
    const { dataset, version, rows, rowCount } = fieldsOf(data);
    if (type !== "dataset_published" || typeof dataset !== "string" || typeof version !== "number") continue;
    const counts = { rows: numberOrNull(rows), row_count: numberOrNull(rowCount) };
    outputs.set(`${runId} ${dataset}`, { dataset, job_name: job, version, ...counts, changed: true });
  }
  return [...outputs.values()];
}

// A run that was tried again evaluates its checks again; the last verdict counts.
function listChecks({ events }: RunFindings): readonly RunCheck[] {
  const latest = new Map<string, readonly RunCheck[]>();
  for (const { runId, job, type, data } of events) {
    const { dataset, results } = fieldsOf(data);
    if (type !== "checks_evaluated" || typeof dataset !== "string" || !Array.isArray(results)) continue;
    // The engine wrote the event itself, so what is in the list is known by its type.
    const checks = results as unknown as readonly CheckResult[];
    latest.set(
      `${runId} ${dataset}`,
      checks.map((check) => toRunCheck(check, dataset, job)),
    );
  }
  return [...latest.values()].flat().slice(0, maxChecks);
}

function toRunCheck(
  { name, severity, passed, failingRows, detail }: CheckResult,
  dataset: string,
  job: string,
): RunCheck {
  return { dataset, job_name: job, name, severity, passed, failing_rows: failingRows, detail };
}

function listWarnings({ events }: RunFindings): RunDetail["warnings"] {
  return events
    .filter(({ type }) => type === "warning")
    .map(({ job, data }) => ({ job_name: job, message: textOf(fieldsOf(data)["message"]) }))
    .slice(-maxWarnings);
}

const maxChecks = 2_000;
const maxWarnings = 200;

function fieldsOf(data: Json | undefined): Readonly<Record<string, Json>> {
  return typeof data === "object" && data !== null && !Array.isArray(data)
    ? (data as Readonly<Record<string, Json>>)
    : {};
}

function numberOrNull(value: Json | undefined): number | null {
  return typeof value === "number" ? value : null;
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
