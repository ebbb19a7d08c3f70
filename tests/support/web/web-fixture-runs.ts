// Runs as the fixture server shows them: one pipeline run under way, a failed run with its history, and a long list.
import type {
  Comparison,
  Explanation,
  LogLine,
  LogPage,
  LogsQuery,
  Run,
  RunDetail,
  RunEventRecord,
  RunGraph,
  Unit,
} from "../../../src/api/run.ts";
import type { RunReason, RunState } from "../../../src/core/job/run-state.ts";
import { late, metricsOf } from "./web-fixture-figures.ts";
import { requestTotals } from "./web-fixture-requests.ts";
import { memberEdges, memberNames } from "./web-fixture-jobs.ts";
import { fixtureNowMs, hour, minutesAgo } from "./web-fixture-time.ts";

const runningId = 4210;
const jobNames = ["github_job", "jira_job", "sleep_job", "warehouse_sync", "shop_nightly"] as const;
const states: readonly (readonly [RunState, RunReason | null])[] = [
  ["FINISHED", null],
  ["FINISHED", null],
  ["FINISHED", "partial"],
  ["ERROR", "failed"],
  ["PENDING", "waiting_retry"],
  ["FINISHED", null],
  ["PAUSED", null],
  ["ERROR", "stopped"],
];

const underWay: Pick<Run, "progress" | "started_at"> = {
  started_at: minutesAgo(8),
  progress: {
    percent: 62,
    operation: "joining orders with customers",
    done: 746_685,
    total: 1_204_332,
    rate: 1_556,
    eta: { p50: minutesAgo(-5), p90: minutesAgo(-9) },
  },
};

/** `count` root runs below and including the running one, newest first. */
export function listOfRuns(beforeId: number, count: number): readonly Run[] {
  return Array.from({ length: Math.max(0, Math.min(count, beforeId - 1)) }, (_, index) => runOf(beforeId - 1 - index));
}

/** `r4210` is under way; its members are r4211 to r4218; of the others the number says what they are. */
export function runOf(id: number): Run {
  if (id === runningId) return { ...base(id, "shop_nightly"), kind: "pipeline", state: "RUNNING", ...underWay };
  const member = memberNames[id - runningId - 1];
  if (member !== undefined) return memberRun(id, member);
  const [state, reason] = states[id % states.length] ?? ["FINISHED", null];
  const name = jobNames[id % jobNames.length] ?? "github_job";
  const durationMs = state === "FINISHED" || state === "ERROR" ? 20_000 + ((id * 7919) % 400_000) : null;
  const startedMs = fixtureNowMs - (runningId - id) * 11 * 60_000;
  return {
    ...base(id, name),
    state,
    reason,
    created_at: new Date(startedMs - 4_000).toISOString(),
    started_at: state === "PENDING" ? null : new Date(startedMs).toISOString(),
    finished_at: durationMs === null ? null : new Date(startedMs + durationMs).toISOString(),
    due_at: state === "PENDING" ? minutesAgo(-4) : null,
    duration_ms: durationMs,
    error: state === "ERROR" || reason === "waiting_retry" ? failure : null,
  };
}

export const failure: NonNullable<Run["error"]> = {
  code: "SOURCE_RATE_LIMITED",
  message: "fetching page 3 of github:pulls: 429 Too Many Requests",
  hint: "the quota comes back in 41 m; the job waits by itself when `connection` is declared",
  disposition: "retry",
  origin: "upstream",
  error_class: "transient",
  fingerprint: "f1a9",
  causes: ["HttpError: 429 Too Many Requests"],
};

export function runDetail(id: number): RunDetail {
  const run = runOf(id);
  const isPipeline = run.kind === "pipeline";
  const end = run.finished_at;
  return {
    ...run,
    environment: "prod",
    result: run.state === "FINISHED" ? { rows: 18_240, pages: 12 } : null,
    worker: run.state === "RUNNING" ? "mill-1" : null,
    children: isPipeline ? { FINISHED: 4, RUNNING: 2, PENDING: 2 } : null,
    first_failed_run_id: null,
    metrics: metricsOf(run.run_id),
    attempts:
      run.started_at === null
        ? []
        : [
            {
              attempt: 1,
              epoch: 1,
              worker: "mill-1",
              started_at: run.started_at,
              ended_at: end,
              end: end === null ? null : run.state === "ERROR" ? "fail" : "finish",
              error: run.error,
              code: null,
              metrics: {
                cpu_ms: 12_400,
                peak_memory_bytes: 214_000_000,
                network_bytes_in: 48_000_000,
                network_bytes_out: 120_000,
                store_calls: 42,
                store_ms: 180,
                shared: false,
              },
            },
          ],
    units: { done: 41, failed: run.state === "ERROR" ? 2 : 0, failures: [] },
    requests: requestTotals,
    inputs: [
      {
        dataset: "raw_orders",
        job_name: run.job_name,
        version: 41,
        rows: null,
        row_count: 1_204_332,
        changed: null,
        locations: [],
      },
    ],
    outputs: [
      {
        dataset: "orders",
        job_name: run.job_name,
        version: 42,
        rows: 18_240,
        row_count: 1_222_572,
        changed: true,
        locations: [],
      },
    ],
    checks: [
      {
        dataset: "orders",
        job_name: run.job_name,
        name: "unique order_id",
        severity: "block",
        passed: run.state !== "ERROR",
        failing_rows: run.state === "ERROR" ? 2 : 0,
        detail: run.state === "ERROR" ? "expected each key once, 2 rows share 1 key" : "",
      },
      {
        dataset: "orders",
        job_name: run.job_name,
        name: "fresh within 2 d",
        severity: "warn",
        passed: false,
        failing_rows: 12,
        detail: "12 rows are older",
      },
    ],
    computed: [],
    quarantined: [],
    warnings: [{ job_name: run.job_name, message: "check `fresh within 2 d` of `orders`: 12 rows are older" }],
    actions:
      run.state === "RUNNING"
        ? ["stop", "pause"]
        : run.state === "PENDING"
          ? ["start", "stop", "pause"]
          : run.state === "PAUSED"
            ? ["resume", "stop", "start"]
            : run.state === "ERROR"
              ? ["retry", "rerun", "start"]
              : ["rerun"],
    last_seq: 12,
  };
}

export const children: readonly Run[] = memberNames.map((name, index) => memberRun(runningId + 1 + index, name));

export const graph: RunGraph = {
  nodes: children.map((run) => ({
    run_id: run.run_id,
    job_name: run.job_name,
    state: run.state,
    reason: run.reason,
    attempt: run.attempt,
    created_at: run.created_at,
    ready_at: run.state === "PENDING" ? null : run.created_at,
    spans:
      run.started_at === null
        ? []
        : [{ started_at: run.started_at, ended_at: run.finished_at, end: run.finished_at === null ? null : "finish" }],
    percent: run.progress?.percent ?? null,
  })),
  edges: memberEdges.map(([from, to]) => ({ from: idOfMember(from), to: idOfMember(to) })),
  truncated: false,
};

export function eventsOf(id: number): readonly RunEventRecord[] {
  const { job_name: name } = runOf(id);
  return ["submitted", "started", "progress_saved", "dataset_published", "completed"].map((type, index) => ({
    run_id: `r${id}`,
    job_name: name,
    seq: index + 1,
    type,
    data: type === "started" ? { attempt: 1, worker: "mill-1" } : {},
    at: minutesAgo(8 - index),
  }));
}

const logCount = 5_000;

/** Lines both ways of a position, searched and filtered, as the server does it. */
export function logsOf(id: number, { q, level, after, before, tail, limit = 200 }: LogsQuery): LogPage {
  const least = levels.indexOf(level ?? "debug");
  const wanted = (index: number): boolean =>
    levels.indexOf(levelOf(index)) >= least && (q === undefined || messageOf(index).includes(q));
  const indexes = Array.from({ length: logCount }, (_, index) => index).filter(wanted);
  const newest = tail === true || before !== undefined;
  const inRange = indexes.filter((index) => index > Number(after ?? -1) && index < Number(before ?? logCount));
  const page = newest ? inRange.slice(-limit) : inRange.slice(0, limit);
  return {
    items: page.map((index) => logLine(id, index)),
    has_before: newest ? inRange.length > limit : after !== undefined,
    has_after: newest ? before !== undefined : inRange.length > limit,
    before_cursor: page.length === 0 ? null : String(page[0]),
    after_cursor: page.length === 0 ? null : String(page.at(-1)),
  };
}

export const units: readonly Unit[] = Array.from({ length: 43 }, (_, index) => ({
  loop: "1",
  key: `org/repository-${index + 1}`,
  state: index < 2 ? "failed" : "done",
  error: index < 2 ? failure.message : null,
}));

export function explanationOf(id: number): Explanation {
  const run = runOf(id);
  return {
    run_id: run.run_id,
    job_name: run.job_name,
    state: run.state,
    summary: "waits for `connection:github`, which is closed to calls for 41 m",
    details: ["the breaker of `github` opened 21 m ago after 6 failures", "its next probe comes in 3 m"],
    remedy: "reset the breaker when the quota is back",
    because: [
      {
        run_id: "r4198",
        job_name: "github_job",
        state: "ERROR",
        summary: "failed with `SOURCE_RATE_LIMITED`",
        details: [],
        remedy: null,
        because: [],
      },
    ],
  };
}

export function comparisonOf(a: number, b: number): Comparison {
  const [first, second] = [runOf(a), runOf(b)];
  return {
    runs: [first, second],
    params: [{ path: "day", before: "2026-11-19", after: "2026-11-20" }],
    code_changed: true,
    jobs: memberNames.map((job_name, index) => ({
      job_name,
      states: ["FINISHED", index === 5 ? "ERROR" : "FINISHED"],
      durations_ms: [60_000 + index * 1_000, 72_000 + index * 4_000],
      attempts: [1, index === 5 ? 3 : 1],
      rows: [1_000 * (index + 1), 1_100 * (index + 1)],
    })),
    datasets: [
      {
        dataset: "orders",
        versions: [41, 42],
        row_counts: [1_204_332, 1_222_572],
        columns_added: ["channel"],
        columns_removed: [],
      },
    ],
    errors: [null, failure],
  };
}

function memberRun(id: number, name: string): Run {
  const index = memberNames.indexOf(name);
  const state: RunState = index < 4 ? "FINISHED" : index < 6 ? "RUNNING" : "PENDING";
  const startedMin = 8 - index;
  return {
    ...base(id, name),
    parent_run_id: `r${runningId}`,
    root_run_id: `r${runningId}`,
    state,
    reason: state === "PENDING" ? "waiting_upstream" : null,
    started_at: state === "PENDING" ? null : minutesAgo(startedMin),
    finished_at: state === "FINISHED" ? minutesAgo(startedMin - 1.2) : null,
    duration_ms: state === "FINISHED" ? 72_000 : null,
    progress: state === "RUNNING" ? underWay.progress : null,
  };
}

function idOfMember(name: string): string {
  return `r${runningId + 1 + memberNames.indexOf(name)}`;
}

function base(id: number, name: string): Run {
  return {
    run_id: `r${id}`,
    job_name: name,
    kind: "job",
    parent_run_id: null,
    root_run_id: `r${id}`,
    state: "FINISHED",
    reason: null,
    attempt: 1,
    params: { day: "2026-11-20", full: false },
    window: { from: "2026-11-20T00:00:00.000Z", to: "2026-11-21T00:00:00.000Z" },
    tenant: "default",
    created_by: id % 3 === 0 ? "ada" : "schedule",
    created_at: minutesAgo(8 + (id < runningId ? (runningId - id) * 11 : 0)),
    started_at: null,
    finished_at: null,
    due_at: null,
    duration_ms: null,
    late_since: id === runningId ? late.since : null,
    progress: null,
    error: null,
    written: null,
  };
}

const levels = ["debug", "info", "warn", "error"] as const;

function levelOf(index: number): LogLine["level"] {
  return index % 97 === 0 ? "error" : index % 31 === 0 ? "warn" : index % 5 === 0 ? "debug" : "info";
}

function messageOf(index: number): string {
  return index % 97 === 0
    ? `page ${index}: 429 Too Many Requests, waits`
    : `read page ${index} of org/repository-${index % 43}`;
}

function logLine(id: number, index: number): LogLine {
  return {
    cursor: String(index),
    run_id: `r${id}`,
    job_name: runOf(id).job_name,
    at: new Date(fixtureNowMs - 8 * hour * 1_000 + index * 90).toISOString(),
    level: levelOf(index),
    message: messageOf(index),
    fields: { page: index },
  };
}
