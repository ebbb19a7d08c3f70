// Jobs and the orchestrator as the fixture server shows them: a small shop's nightly pipeline and what runs around it.
import type { JobDetail, JobOverview, JobOutcome, Grid, Metrics } from "../../../src/api/job.ts";
import type { Timeline, FailureCluster } from "../../../src/api/control.ts";
import type { Breaker, Connection, Limit, Orchestrator } from "../../../src/api/orchestrator.ts";
import type { RunState } from "../../../src/core/job/run-state.ts";
import { late } from "./web-fixture-figures.ts";
import { hour, minutesAgo } from "./web-fixture-time.ts";

export interface JobSketch {
  readonly name: string;
  readonly kind?: "pipeline";
  readonly description: string;
  readonly state: RunState;
  readonly everyMin: number;
  readonly medianMs: number;
  readonly rows: number | null;
  readonly oddities?: Readonly<Record<number, JobOutcome["state"]>>;
  readonly extra?: Partial<JobOverview>;
}

/** Of which the fixtures of jobs and schedules are made. */
export const sketches: readonly JobSketch[] = [
  {
    name: "shop_nightly",
    kind: "pipeline",
    description: "Orders and stock of the shop, from raw files to the daily report",
    state: "RUNNING",
    everyMin: 24 * hour,
    medianMs: 740_000,
    rows: 1_204_332,
    oddities: { 4: "ERROR", 11: "MISSED" },
    extra: {
      late,
      running: 3,
      pending: 4,
      current: { run_id: "r4210", percent: 62, eta_p50: minutesAgo(-5) },
    },
  },
  {
    name: "github_job",
    description: "Pull requests, commits and deployments of the organization",
    state: "ERROR",
    everyMin: 4 * hour,
    medianMs: 96_000,
    rows: 18_240,
    oddities: { 28: "ERROR", 29: "ERROR" },
    extra: { deviation: 3.4 },
  },
  {
    name: "jira_job",
    description: "Issues and sprints of three projects",
    state: "PENDING",
    everyMin: 6 * hour,
    medianMs: 210_000,
    rows: 4_031,
    extra: { pending: 1 },
  },
  {
    name: "sleep_job",
    description: "Looks after failed runs and the health of the orchestrator",
    state: "FINISHED",
    everyMin: 15,
    medianMs: 900,
    rows: null,
    oddities: { 20: "OVERLAPPED" },
  },
  {
    name: "warehouse_sync",
    description: "Copies the gold layer into the warehouse",
    state: "PAUSED",
    everyMin: hour,
    medianMs: 64_000,
    rows: 310_554,
    extra: { paused: { by: "ada", reason: "the warehouse is moved this week", at: minutesAgo(26 * hour) } },
  },
  {
    name: "customer_export_with_a_rather_long_name",
    description: "Sends customers to the agency",
    state: "FINISHED",
    everyMin: 12 * hour,
    medianMs: 12_400,
    rows: 88_120,
  },
  {
    name: "reindex",
    description: "Builds the search index anew",
    state: "NOT_STARTED",
    everyMin: 0,
    medianMs: 0,
    rows: null,
  },
];

export const jobs: readonly JobOverview[] = sketches.map(toOverview);

/** Any name has a detail, so that tests may link to any job. */
export function jobDetail(name: string): JobDetail {
  const overview = jobs.find((job) => job.job_name === name) ?? {
    ...toOverview(sketches[1] ?? emptySketch),
    job_name: name,
  };
  return {
    ...overview,
    purpose: "keeps what the shop sold in one place, so that nobody counts by hand",
    layer: overview.kind === "pipeline" ? null : "silver",
    file: `jobs/${name}.ts`,
    params_schema: {
      type: "object",
      properties: {
        day: { type: "string", format: "date", description: "the day to read, default yesterday" },
        full: { type: "boolean", default: false, description: "read everything again" },
        limit: { type: "integer", minimum: 1, maximum: 100_000 },
        region: { type: "string", enum: ["eu", "us", "apac"] },
      },
      required: ["day"],
      additionalProperties: false,
    },
    inputs: ["raw_orders"],
    outputs: ["orders"],
    retry: { attempts: 4, description: "4 attempts, 5 m apart, doubling, with jitter" },
    timeout_ms: 3_600_000,
    sla: overview.late === null ? null : "finished within 2h and by 06:00 Europe/Berlin",
    members: overview.kind === "pipeline" ? memberNames : [],
    concurrency: 1,
    connections: ["github"],
    isolation: "inline",
    nodes: overview.kind === "pipeline" ? pipelineNodes : [{ ...pipelineNode(name, []), layer: "silver" }],
  };
}

export const memberNames: readonly string[] = [
  "load_orders",
  "load_stock",
  "load_customers",
  "clean_orders",
  "clean_stock",
  "join_orders",
  "daily_report",
  "send_report",
];

export const memberEdges: readonly (readonly [string, string])[] = [
  ["load_orders", "clean_orders"],
  ["load_stock", "clean_stock"],
  ["clean_orders", "join_orders"],
  ["load_customers", "join_orders"],
  ["clean_stock", "daily_report"],
  ["join_orders", "daily_report"],
  ["daily_report", "send_report"],
];

const pipelineNodes: JobDetail["nodes"] = memberNames.map((name) =>
  pipelineNode(
    name,
    memberEdges.filter(([, to]) => to === name).map(([from]) => from),
  ),
);

function pipelineNode(name: string, upstream: readonly string[]): JobDetail["nodes"][number] {
  return {
    job_name: name,
    purpose: null,
    layer: name.startsWith("load") ? "bronze" : name.startsWith("clean") ? "silver" : "gold",
    depends_on: upstream.map((job_name) => ({ job_name, because: `${job_name}_rows` })),
    on_upstream_failure: "cancel",
    inputs: upstream.map((from) => `${from}_rows`),
    outputs: [`${name}_rows`],
  };
}

export const grid: Grid = {
  job_names: memberNames,
  columns: Array.from({ length: 24 }, (_, index) => ({
    run_id: `r${4210 - index * 10}`,
    state: index === 0 ? "RUNNING" : index === 5 ? "ERROR" : "FINISHED",
    created_at: minutesAgo(index * 24 * hour),
    duration_ms: index === 0 ? null : 700_000 + index * 3_000,
    cells: memberNames.map((_name, row) => ({
      run_id: `r${4211 + row - index * 10}`,
      state: index === 0 && row > 4 ? "PENDING" : index === 5 && row === 5 ? "ERROR" : "FINISHED",
      reason: index === 5 && row > 5 ? "skipped" : null,
      duration_ms: index === 0 && row > 4 ? null : 60_000 + row * 9_000,
    })),
  })),
  next_cursor: null,
};

export const metrics: Metrics = makeMetrics();

export const timeline: Timeline = {
  from: minutesAgo(12 * hour),
  to: minutesAgo(-12 * hour),
  now: minutesAgo(0),
  bars: sketches.flatMap(({ name, everyMin, medianMs, state }, row) =>
    everyMin === 0
      ? []
      : Array.from({ length: Math.min(48, Math.floor((12 * hour) / everyMin) + 1) }, (_, index) => ({
          run_id: `r${4000 + row * 50 + index}`,
          job_name: name,
          state: index === 0 ? state : index === 2 && row === 1 ? ("ERROR" as const) : ("FINISHED" as const),
          from: minutesAgo(index * everyMin + 8),
          to: index === 0 && state === "RUNNING" ? null : minutesAgo(index * everyMin + 8 - medianMs / 60_000),
        })),
  ),
  fires: sketches.flatMap(({ name, everyMin, medianMs }) =>
    everyMin === 0
      ? []
      : Array.from({ length: Math.min(48, Math.floor((12 * hour) / everyMin)) }, (_, index) => ({
          job_name: name,
          at: minutesAgo(-(index + 1) * everyMin + 7),
          expected_ms: medianMs,
        })),
  ),
  truncated: false,
};

export const failures: readonly FailureCluster[] = [
  {
    fingerprint: "f1a9",
    job_name: "github_job",
    code: "SOURCE_RATE_LIMITED",
    message: "fetching page 3 of github:pulls: 429 Too Many Requests",
    hint: "the quota comes back in 41 m; the job waits by itself when `connection` is declared",
    error_class: "transient",
    count: 214,
    first_at: minutesAgo(9 * hour),
    last_at: minutesAgo(21),
    run_ids: ["r4198", "r4190", "r4181"],
  },
  {
    fingerprint: "c07d",
    job_name: "join_orders",
    code: "CHECK_FAILED",
    message: "check `unique order_id` of `orders`: 12 rows fail",
    hint: null,
    error_class: "data",
    count: 1,
    first_at: minutesAgo(5 * 24 * hour),
    last_at: minutesAgo(5 * 24 * hour),
    run_ids: ["r4166"],
  },
];

export const orchestrator: Orchestrator = {
  claiming: true,
  changed_by: "ada",
  reason: "after the move of the database",
  changed_at: minutesAgo(3 * 24 * hour),
  now: minutesAgo(0),
  store: "postgres",
  version: "0.1.0",
  workers: [
    { name: "mill-1", host: "mill-1.internal", expires_at: minutesAgo(-0.4), alive: true },
    { name: "mill-2", host: "mill-2.internal", expires_at: minutesAgo(-0.3), alive: true },
    { name: "mill-3", host: "mill-3.internal", expires_at: minutesAgo(14), alive: false },
  ],
  health: { executing: 3, ready: 12, retries: 2, dead_leases: 1, late_runs: 0, late_schedules: 0 },
  problems: ["the worker `mill-3` has not been heard for 14 minutes; its run was given to another"],
};

export const limits: readonly Limit[] = [
  { gate: "job:github_job", capacity: 1, held: 0, blocked_until: null },
  { gate: "pool:heavy", capacity: 2, held: 2, blocked_until: null },
  { gate: "connection:github", capacity: 4, held: 1, blocked_until: minutesAgo(-41) },
];

export const breakers: readonly Breaker[] = [
  {
    connection: "github",
    state: "open",
    failures: 6,
    opened_at: minutesAgo(21),
    next_probe_at: minutesAgo(-3),
    last_error: "429 Too Many Requests",
    version: 7,
  },
  {
    connection: "jira",
    state: "closed",
    failures: 0,
    opened_at: null,
    next_probe_at: null,
    last_error: null,
    version: 1,
  },
];

export const connections: readonly Connection[] = breakers.map((breaker) => ({
  connection: breaker.connection,
  source: breaker.connection === "github" ? "configuration" : "store",
  kind: "http",
  address: breaker.connection === "github" ? "https://api.github.com" : "https://acme.atlassian.example/rest/api/3",
  auth: breaker.connection === "github" ? "bearer" : "refreshToken",
  token_state: breaker.connection === "github" ? null : { expires_at: minutesAgo(-52) },
  paused_until: breaker.connection === "github" ? minutesAgo(-41) : null,
  requests: breaker.connection === "github" ? { count: 5_000, per_ms: hour * 60_000, ready: 412 } : null,
  job_names: [`${breaker.connection}_job`],
  breaker,
  capacity: breaker.connection === "github" ? 4 : null,
  held: 1,
  blocked_until: breaker.state === "open" ? minutesAgo(-41) : null,
  holders: ["r4210"],
}));

const emptySketch: JobSketch = {
  name: "",
  description: "",
  state: "NOT_STARTED",
  everyMin: 0,
  medianMs: 0,
  rows: null,
};

function toOverview({
  name,
  kind,
  description,
  state,
  everyMin,
  medianMs,
  rows,
  oddities = {},
  extra,
}: JobSketch): JobOverview {
  const hasRun = everyMin > 0;
  return {
    job_name: name,
    kind: kind ?? "job",
    description,
    pipelines: [],
    reason: null,
    state,
    paused: null,
    running: 0,
    pending: 0,
    outcomes: hasRun
      ? Array.from({ length: 30 }, (_, index) => toOutcome(index, name, everyMin, medianMs, oddities, state))
      : [],
    schedule: hasRun
      ? {
          timing: everyMin < hour ? `every ${everyMin}m` : `every ${everyMin / hour}h`,
          paused: state === "PAUSED",
          next_fire_at: state === "PAUSED" ? null : minutesAgo(-everyMin + 7),
        }
      : null,
    late: null,
    p50_ms: hasRun ? medianMs : null,
    p95_ms: hasRun ? Math.round(medianMs * 1.7) : null,
    deviation: hasRun ? 1.08 : null,
    fresh_at: hasRun ? minutesAgo(everyMin + 8) : null,
    rows,
    last_run_id: hasRun ? "r4210" : null,
    current: null,
    ...extra,
  };
}

function toOutcome(
  index: number,
  name: string,
  everyMin: number,
  medianMs: number,
  oddities: NonNullable<JobSketch["oddities"]>,
  state: RunState,
): JobOutcome {
  const isLast = index === 29;
  const shown = oddities[index] ?? (isLast && state !== "PAUSED" ? state : "FINISHED");
  const noRun = shown === "MISSED" || shown === "OVERLAPPED";
  const wave = 1 + 0.35 * Math.sin(index * 1.7 + name.length);
  return {
    run_id: noRun ? null : `r${4181 + index}`,
    state: shown,
    reason: null,
    at: minutesAgo((29 - index) * everyMin + 8),
    duration_ms: noRun || shown === "RUNNING" || shown === "PENDING" ? null : Math.round(medianMs * wave),
  };
}

function makeMetrics(): Metrics {
  const buckets = Array.from({ length: 48 }, (_, index) => index);
  const wave = (base: number, spread: number): number[] =>
    buckets.map((index) => Math.round(base + spread * Math.sin(index / 4)));
  return {
    since: minutesAgo(24 * hour),
    until: minutesAgo(0),
    bucket_ms: 30 * 60_000,
    times: buckets.map((index) => minutesAgo(24 * hour - index * 30)),
    finished: wave(30, 12),
    failed: buckets.map((index) => (index % 11 === 0 ? 3 : 0)),
    records: wave(400_000, 150_000),
    duration_p50_ms: wave(90_000, 20_000),
    duration_p95_ms: wave(150_000, 45_000),
    queue_p95_ms: wave(2_000, 1_500),
    cpu_ms: wave(600_000, 200_000),
    peak_memory_bytes: wave(400_000_000, 90_000_000),
    network_bytes: wave(50_000_000, 20_000_000),
    store_ms: wave(4_000, 1_000),
    scatter: Array.from({ length: 160 }, (_, index) => ({
      run_id: `r${4210 - index}`,
      job_name: memberNames[index % memberNames.length] ?? "",
      at: minutesAgo(index * 9),
      duration_ms: 60_000 + ((index * 7919) % 90_000),
      state: index % 23 === 0 ? "ERROR" : "FINISHED",
    })),
    sampled_one_in: 1,
  };
}
