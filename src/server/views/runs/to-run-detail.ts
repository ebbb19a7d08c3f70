// Loads what a run's page shows beside the run itself: attempts, units, data, checks, and the allowed actions.
import type { DatasetLocationView } from "../../../api/datasets/dataset.ts";
import type { MetricValue } from "../../../api/figure.ts";
import type { RequestTotals } from "../../../api/request.ts";
import type { Attempt, ComputedElsewhere, DatasetUse, QuarantinedRows, RunCheck, RunDetail } from "../../../api/run.ts";
import type { CheckResult } from "../../../core/dataset/check.ts";
import { formatRunId } from "../../../core/run-id.ts";
import type { RunState } from "../../../core/job/run-state.ts";
import type { Traffic } from "../../../store/record/exchange-records.ts";
import type { MetricPoint } from "../../../store/record/metric-records.ts";
import type { FailedUnit, RunFindings } from "../../../store/record/run-findings.ts";
import type { AttemptMetrics, AttemptRecord, Json, RunSummary } from "../../../store/rows/run-records.ts";
import { listAllowedActions } from "../allowed-actions.ts";
import type { ServerDefinitions, ServerServices } from "../../server-services.ts";
import { toInstant } from "../to-instant.ts";
import { toLocation, toProjectPath } from "../to-location.ts";
import { toRun, toRunError } from "./to-run.ts";
import { toRunOptions } from "../run-page.ts";

/** Reads a bounded part of the store, however large the run is. */
export async function loadRunDetail(services: ServerServices, run: RunSummary): Promise<RunDetail> {
  const { store } = services;
  const isPipeline = run.kind === "pipeline";
  const [findings, children, metrics, options] = await Promise.all([
    store.readRunFindings(run.id),
    isPipeline ? store.countChildren(run.id) : null,
    store.listRunMetrics(run.id),
    toRunOptions(services, [run]),
  ]);
  return {
    ...toRun(run, options),
    // a store belongs to one environment, and so do all its runs
    environment: services.project.environment ?? null,
    result: run.result ?? null,
    worker: findings.executing?.worker ?? null,
    children,
    first_failed_run_id: findings.firstFailedRunId === undefined ? null : formatRunId(findings.firstFailedRunId),
    attempts: toAttempts(findings),
    units: { ...findings.units, failures: findings.failedUnits.map(toFailure) },
    requests: toRequestTotals(findings.traffic),
    inputs: listInputs(services.definitions(), run),
    outputs: listOutputs(findings, services.project.root),
    computed: listComputed(findings),
    checks: listChecks(findings),
    metrics: metrics.map(toMetricValue),
    warnings: listWarnings(findings),
    quarantined: listQuarantined(findings),
    actions: listAllowedActions(run.state, statesOf(children)),
    last_seq: findings.lastSeq,
  };
}

/** A figure of a run. */
export function toMetricValue({ runId, breach, unit, atMs, name, labels, value, attempt }: MetricPoint): MetricValue {
  return {
    run_id: formatRunId(runId),
    name,
    labels,
    value,
    unit: unit ?? null,
    breach: breach ?? null,
    attempt,
    at: toInstant(atMs),
  };
}

export function toRequestTotals({ exchanges, failed, bytes, kept }: Traffic): RequestTotals {
  return { requests: exchanges, failed, received_bytes: bytes, kept };
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
  return [...ended, { ...current, ended_at: null, end: null, error: null, code: null, metrics: null }];
}

function toAttempt({ error, metrics, code, ...ended }: AttemptRecord): Attempt {
  const { attempt, epoch, worker, startedAtMs, endedAtMs, end } = ended;
  return {
    attempt,
    epoch,
    worker,
    started_at: toInstant(startedAtMs),
    ended_at: toInstant(endedAtMs),
    end,
    error: error === undefined ? null : toRunError(error),
    code: code ?? null,
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
  const unknown = { version: null, rows: null, row_count: null, changed: null, locations: [] };
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
/** Datasets that a run and the runs in it wrote, or found as they should be. @param root folder of the project */
export function listOutputs({ events, named }: RunFindings, root: string): readonly DatasetUse[] {
  const outputs = new Map<string, DatasetUse>();
  for (const { runId, job, dataset, version, rowCount, locations, isOwn } of named) {
    const counts = { rows: isOwn ? null : 0, row_count: rowCount };
    const places = locations.map((location) => toLocation(root, location));
    outputs.set(`${runId} ${dataset}`, {
      dataset,
      job_name: job,
      version,
      ...counts,
      changed: isOwn,
      locations: places,
    });
  }
  for (const { runId, job, type, data } of events) {
    const { dataset, version, rows, rowCount, locations } = fieldsOf(data);
    if (type !== "dataset_published" || typeof dataset !== "string" || typeof version !== "number") continue;
    const counts = { rows: numberOrNull(rows), row_count: numberOrNull(rowCount) };
    const places = toLocations(locations, root);
    outputs.set(`${runId} ${dataset}`, {
      dataset,
      job_name: job,
      version,
      ...counts,
      changed: true,
      locations: places,
    });
  }
  return [...outputs.values()];
}

// The orchestrator wrote the event itself, so what is in the list is known by its type; older ones have no list.
function toLocations(locations: Json | undefined, root: string): DatasetUse["locations"] {
  if (!Array.isArray(locations)) return [];
  return (locations as unknown as readonly DatasetLocationView[]).map(({ format, path, version, table }) => ({
    format,
    path: toProjectPath(root, path),
    version: version ?? null,
    table: table ?? null,
  }));
}

// A run that was tried again may have been computed somewhere else; where it was last counts.
function listComputed({ events }: RunFindings): readonly ComputedElsewhere[] {
  const latest = new Map<string, ComputedElsewhere>();
  for (const { runId, job, type, data } of events) {
    const { dataset, where, operation } = fieldsOf(data);
    if (type !== "computed_elsewhere" || typeof dataset !== "string" || typeof where !== "string") continue;
    const id = typeof operation === "string" ? operation : null;
    latest.set(`${runId} ${dataset}`, { dataset, job_name: job, where, operation: id });
  }
  return [...latest.values()];
}

function toFailure({ runId, job, key, error }: FailedUnit): RunDetail["units"]["failures"][number] {
  return { run_id: formatRunId(runId), job_name: job, key, error: error ?? null };
}

// A run that was tried again evaluates its checks again; the last verdict counts.
function listChecks({ events }: RunFindings): readonly RunCheck[] {
  const latest = new Map<string, readonly RunCheck[]>();
  for (const { runId, job, type, data } of events) {
    const { dataset, results } = fieldsOf(data);
    if (type !== "checks_evaluated" || typeof dataset !== "string" || !Array.isArray(results)) continue;
    // The orchestrator wrote the event itself, so what is in the list is known by its type.
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

// A run that was tried again sets rows aside again; what it said last counts.
function listQuarantined({ events }: RunFindings): readonly QuarantinedRows[] {
  const latest = new Map<string, QuarantinedRows>();
  for (const { runId, job, type, data } of events) {
    const { dataset, into, rows, checks } = fieldsOf(data);
    if (type !== "quarantined" || typeof dataset !== "string" || typeof into !== "string") continue;
    const counts = Object.entries(fieldsOf(checks)).map(([name, count]) => ({ name, rows: numberOrNull(count) ?? 0 }));
    const aside = { dataset, job_name: job, quarantine: into, rows: numberOrNull(rows) ?? 0, checks: counts };
    latest.set(`${runId} ${dataset}`, aside);
  }
  return [...latest.values()].filter(({ rows }) => rows > 0);
}

function listWarnings({ events }: RunFindings): RunDetail["warnings"] {
  return events
    .filter(({ type }) => type === "warning" || type === "metric_breached")
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
