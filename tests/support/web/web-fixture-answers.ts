// Gives the answers of the fixture server to each operation, typed by the contract: a route without an answer does not
// compile.
import type { Contract } from "../../../src/api/contract.ts";
import type { RouteName } from "../../../src/api/routes.ts";
import * as figures from "./web-fixture-figures.ts";
import { collection } from "./web-fixture-collection.ts";
import * as delivery from "./web-fixture-delivery.ts";
import * as data from "./web-fixture-data.ts";
import * as jobs from "./web-fixture-jobs.ts";
import * as schedules from "./web-fixture-schedules.ts";
import { lastRequestsOf, requestsOf } from "./web-fixture-requests.ts";
import * as told from "./web-fixture-notifications.ts";
import * as runs from "./web-fixture-runs.ts";
import { replays } from "./web-fixture-replays.ts";
import * as streams from "./web-fixture-streams.ts";
import { minutesAgo } from "./web-fixture-time.ts";
import { workflowOf, workflows } from "./web-fixture-workflows.ts";

export interface FixtureCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export type FixtureAnswers = { readonly [Name in RouteName]: (call: FixtureCall) => Contract[Name]["response"] };

const action = { changed: 1, requested: 0 };
const newestRootId = 4_211;
const pageSize = 50;

/** A busy shop. */
export const normalAnswers: FixtureAnswers = {
  createSession: () => data.session,
  showSession: () => data.session,
  endSession: () => null,
  createTicket: () => ({ ticket: "fixture", expires_at: minutesAgo(-0.5) }),
  listTokens: () => ({ items: data.tokens }),
  createToken: ({ body }) => ({
    token_id: "t3",
    name: String(body["name"]),
    role: "operator",
    created_at: minutesAgo(0),
    created_by: "ada",
    expires_at: minutesAgo(-129_600),
    last_used_at: null,
    revoked_at: null,
    secret: "mill_fixture_secret_shown_once",
  }),
  revokeToken: () => null,
  listAudit: () => ({ items: data.audit, next_cursor: null, chain: "intact" }),

  showOrchestrator: () => jobs.orchestrator,
  startOrchestrator: () => ({ claiming: true, stopped: 0 }),
  stopOrchestrator: () => ({ claiming: false, stopped: 0 }),
  emergencyStop: () => ({ claiming: false, stopped: 3 }),
  listLimits: () => ({ items: jobs.limits }),
  putLimits: () => ({ items: jobs.limits }),
  listConnections: () => ({ items: jobs.connections }),
  listBreakers: () => ({ items: jobs.breakers }),
  listCollection: () => collection,
  listNotifications: () => ({ items: told.notifications, next_cursor: null, given_up: 1 }),
  showNotification: ({ params }) => told.notificationOf(params["notification_id"]),
  retryNotification: ({ params }) => told.notificationOf(params["notification_id"]),
  listChannels: () => ({ items: told.channels }),
  testChannel: ({ params }) => ({ channel: params["channel"] ?? "", sent: true, duration_ms: 87, error: null }),
  testConnection: ({ params }) => ({
    connection: String(params["connection"]),
    answer: {
      address: "https://api.github.com/repos/acme/shop",
      good: true,
      status: 200,
      bytes: 2_314,
      files: null,
      server: null,
      duration_ms: 184,
    },
    error: null,
  }),
  addConnection: ({ params }) => ({ connection: String(params["connection"]), version: 1 }),
  removeConnection: () => null,
  rekeyConnections: () => ({ renewed: 2, current: 0 }),
  resetBreaker: ({ params }) => ({
    connection: params["connection"] ?? "",
    state: "closed",
    failures: 0,
    opened_at: null,
    next_probe_at: null,
    last_error: null,
    version: 8,
  }),

  listTopics: () => ({ items: streams.topics }),
  showTopic: ({ params }) => streams.topicOf(params["topic"]),
  peekRecords: ({ query }) => streams.peekedRecords(query["key"]),
  produceRecords: ({ params }) => ({
    topic: String(params["topic"]),
    records: 1,
    ranges: [{ partition: 0, from: 9, to: 10 }],
  }),
  trimTopic: ({ params }) => ({
    topic: String(params["topic"]),
    ranges: [],
    records: 0,
    unread_by: [],
    changed: false,
  }),
  deleteTopic: () => null,
  listGroups: () => ({ items: streams.groups }),
  showGroup: ({ params }) => streams.groupOf(params["group"]),
  seekGroup: ({ params, body }) => streams.soughtGroup(String(params["group"]), body["preview"] === true),
  listStores: () => ({ items: streams.stores }),
  listBatches: ({ params }) => ({
    items: params["group"] === "dashboard" ? streams.batches : [],
    next_cursor: null,
  }),
  listReplays: () => ({ items: replays }),
  showReplay: () => replays[0] ?? notThere(),
  startReplay: () => replays[0] ?? notThere(),
  swapReplay: () => replays[0] ?? notThere(),
  cancelReplay: () => replays[0] ?? notThere(),
  giveUpBatch: () => streams.batches[0] ?? notThere(),
  listDeadLetters: ({ query }) => ({
    items: streams.deadLetters.filter(({ state }) => (query["state"] ?? state) === state),
    next_cursor: null,
    open: 2,
  }),
  showDeadLetter: ({ params }) => streams.deadLetterOf(params["dead_letter_id"]),
  retryDeadLetters: () => ({ count: 1, changed: true }),
  discardDeadLetters: () => ({ count: 1, changed: true }),

  listJobMetrics: () => ({ items: figures.jobMetrics }),
  listMetricHistory: ({ params }) => ({ items: figures.historyOf(String(params["metric"])), next_cursor: null }),
  listTurns: () => ({ items: figures.turns, next_cursor: null }),
  listJobs: ({ query }) => ({
    items: jobs.jobs.filter(
      (job) => job.job_name.includes(query["q"] ?? "") && (query["state"] ?? job.state) === job.state,
    ),
    next_cursor: null,
  }),
  showJob: ({ params }) => jobs.jobDetail(params["job_name"] ?? ""),
  startJob: () => ({ run_id: "r4219", created: true }),
  stopJob: () => ({ changed: 4, requested: 3 }),
  pauseJob: () => ({ changed: 4, requested: 3 }),
  resumeJob: () => action,
  backfillJob: ({ body }) => ({
    run_id: body["dry_run"] === true ? null : "r4220",
    windows: [1, 2, 3].map((day) => ({
      from: `2026-11-0${day}T00:00:00.000Z`,
      to: `2026-11-0${day + 1}T00:00:00.000Z`,
    })),
    count: 3,
    existing: 12,
    finished: 11,
    unfinished: 1,
    other_params: 0,
    not_ended: 2,
    skipped: [],
  }),
  showGrid: () => jobs.grid,
  showMetrics: () => jobs.metrics,
  listCheckpoints: () => ({ items: data.checkpoints }),
  putCheckpoint: ({ body }) => ({ ...data.checkpointChange, version: body["preview"] === true ? null : 4 }),
  listWatermarks: () => ({ items: data.watermarks, next_cursor: null }),
  listJobUnits: ({ query }) => ({
    items: data.jobUnits.filter((unit) => query["state"] === undefined || unit.is_behind),
    next_cursor: null,
    summary: data.unitSummary,
  }),
  putWatermark: ({ body }) => ({ ...data.watermarkChange, version: body["preview"] === true ? null : 43 }),
  undoWatermark: () => ({ ...data.watermarkChange, direction: "skip", version: 44 }),

  listDatasetRows: () => data.datasetRows,
  queryDatasets: () => data.datasetRows,
  listQuarantine: () => ({ items: data.quarantines }),
  showQuarantine: () => data.quarantineRows,
  releaseQuarantine: ({ body }) => data.settledQuarantine(body["preview"] === true),
  discardQuarantine: ({ body }) => data.settledQuarantine(body["preview"] === true),
  rekeyDataset: () => ({ run_id: "r9" }),
  vacuumDataset: () => ({ run_id: "r9" }),
  optimizeDataset: () => ({ run_id: "r9" }),
  resetDataset: () => data.datasetReset,

  listRuns: ({ query }) => pageOfRuns(query),
  showRun: ({ params }) => runs.runDetail(idOf(params["run_id"])),
  listChildren: () => ({ items: runs.children, next_cursor: null }),
  showGraph: () => runs.graph,
  listRunEvents: ({ params }) => ({ items: runs.eventsOf(idOf(params["run_id"])), next_cursor: null }),
  listRunLogs: ({ params, query }) =>
    runs.logsOf(idOf(params["run_id"]), {
      ...query,
      tail: query["tail"] === "true",
      limit: Number(query["limit"] ?? 200),
    }),
  downloadRunLogs: () => "the log as text\n",
  listUnits: ({ query }) => ({
    items: runs.units.filter(({ state }) => (query["state"] ?? state) === state),
    next_cursor: null,
  }),
  listFailedRows: () => ({
    items: [
      {
        dataset: "orders",
        check: "not_null(amount)",
        items: [
          { order_id: 9_001, amount: null, note: "gift" },
          { order_id: 9_004, amount: null, note: null },
        ],
      },
    ],
  }),
  listRunRequests: ({ params, query }) =>
    requestsOf(idOf(params["run_id"]), query["failed"] === "true", Number(query["limit"] ?? 50)),
  listConnectionRequests: ({ params }) => ({ items: lastRequestsOf(String(params["connection"])) }),
  explainJob: ({ params }) => ({
    job_name: params["job_name"] ?? "",
    summary: "its schedule fires next at 2026-11-21T18:00:00Z (in 4h), by `every 4h`",
    details: ["it has not fired yet"],
    remedy: null,
    run: runs.explanationOf(newestRootId),
  }),
  explainRun: ({ params }) => runs.explanationOf(idOf(params["run_id"])),
  compareRuns: ({ params }) => runs.comparisonOf(idOf(params["run_id"]), idOf(params["other_run_id"])),
  startRun: () => action,
  stopRun: () => ({ changed: 0, requested: 1 }),
  cancelRun: () => action,
  pauseRun: () => ({ changed: 0, requested: 1 }),
  resumeRun: () => action,
  retryRun: () => action,
  rerunRun: () => ({ run_id: "r4221", created: true }),
  selectRuns: ({ body }) => ({
    selection_id: "s1",
    action: body["action"] === "retry" ? "retry" : "stop",
    count: 214,
    by_state: { ERROR: 214 },
    sample: runs.listOfRuns(newestRootId, 5),
    expires_at: minutesAgo(-10),
  }),
  applyBulk: () => ({
    count: 214,
    changed: 212,
    requested: 0,
    refused: [{ run_id: "r4190", detail: "expected a run to be ERROR for `rerun`, got: `RUNNING`" }],
  }),
  listFailures: () => ({ items: jobs.failures }),
  showTimeline: () => jobs.timeline,
  search: ({ query }) => ({
    jobs: jobs.jobs.filter(({ job_name: name }) => name.includes(query["q"] ?? "")).slice(0, 8),
    runs: runs.listOfRuns(newestRootId, 3),
    datasets: data.datasets.map(({ dataset }) => dataset).filter((name) => name.includes(query["q"] ?? "")),
  }),

  listSchedules: () => ({ items: schedules.schedules }),
  putSchedule: ({ params, body }) => {
    const [first] = schedules.schedules;
    if (first === undefined) throw new Error("expected the fixtures to have a schedule");
    return { ...first, job_name: params["job_name"] ?? "", paused: body["paused"] === true };
  },
  removeSchedule: () => null,
  listFires: () => ({ items: schedules.fires, next_cursor: null }),
  listNextFires: ({ params }) => ({
    job_name: params["job_name"] ?? "",
    defined: true,
    paused: false,
    paused_by: null,
    items: [],
  }),
  showCalendar: ({ query }) => schedules.calendar(query["from"], query["to"]),

  showDelivery: ({ query }) => delivery.deliveryOf(query),
  listDeliveryChanges: () => ({ items: delivery.deliveryChanges, next_cursor: null }),
  listDeliveryDeployments: ({ query }) => ({
    items: delivery.deliveryDeployments.filter((each) => query["only"] !== "failed" || each.is_failed),
    next_cursor: null,
  }),
  exportDelivery: () => "service,metric\n",
  listFigureRows: ({ params }) => ({
    figure: {
      metric: params["metric"] ?? "",
      unit: "deployments",
      subject: "service",
      of: "shop",
      period: "month",
      start_at: null,
      end_at: null,
      value: 0,
      n: 0,
    },
    dataset: "delivery_deployments",
    columns: [],
    items: [],
    next_cursor: null,
  }),
  exportFigureRows: () => "figure_value\n",
  listSprints: () => delivery.sprintPage,
  showSprint: ({ params }) => delivery.sprintOf(params["sprint_id"]),
  listSprintIssues: () => ({ items: delivery.sprintIssues, next_cursor: null }),
  exportSprints: () => "sprint_id,name\n",
  listWorkflows: () => ({ items: workflows }),
  showWorkflow: ({ params }) => workflowOf(params["project_key"]),
  putWorkflow: () => ({ version: 3, run_id: "r4210" }),
  exportDataset: () => "id\n",

  listDatasets: () => ({ items: data.datasets }),
  showDataset: ({ params }) => data.datasetDetail(params["dataset"] ?? ""),
  showLineage: () => data.lineage,
  listChecks: () => ({ items: data.checks }),
};

const none = { items: [], next_cursor: null };

/** A project whose first run is still to come. Single things exist, lists are empty. */
export const emptyAnswers: FixtureAnswers = {
  ...normalAnswers,
  showOrchestrator: () => ({
    ...jobs.orchestrator,
    workers: [],
    problems: [],
    health: { executing: 0, ready: 0, retries: 0, dead_leases: 0, late_runs: 0, late_schedules: 0 },
  }),
  listTokens: () => none,
  listAudit: () => ({ ...none, chain: "intact" }),
  listLimits: () => none,
  listConnections: () => none,
  listBreakers: () => none,
  listCollection: () => ({ items: [], connections: [], truncated: false }),
  listNotifications: () => ({ ...none, given_up: 0 }),
  listChannels: () => none,
  listTopics: () => none,
  peekRecords: () => ({ items: [], next_cursor: "W10", looked_at: 0, complete: true }),
  listGroups: () => none,
  showGroup: ({ params }) => ({ ...streams.groupOf(params["group"]), ...streams.untouched }),
  listBatches: () => none,
  listReplays: () => none,
  listStores: () => none,
  listDeadLetters: () => ({ ...none, open: 0 }),
  listJobs: () => none,
  showGrid: () => ({ job_names: [], columns: [], next_cursor: null }),
  showMetrics: () => ({ ...jobs.metrics, scatter: [], times: [], finished: [], failed: [], records: [], ...noSeries }),
  listCheckpoints: () => none,
  listWatermarks: () => none,
  listJobUnits: () => ({ ...none, summary: { units: 0, failed: 0, behind: 0, read_to: null, furthest: null } }),
  listRuns: () => none,
  listChildren: () => none,
  showGraph: () => ({ nodes: [], edges: [], truncated: false }),
  listRunEvents: () => none,
  listRunLogs: () => ({ items: [], has_before: false, has_after: false, before_cursor: null, after_cursor: null }),
  listUnits: () => none,
  listFailedRows: () => none,
  listRunRequests: () => ({ ...none, totals: { requests: 0, failed: 0, received_bytes: 0, kept: 0 } }),
  listConnectionRequests: () => none,
  listFailures: () => none,
  showTimeline: () => ({ ...jobs.timeline, bars: [], fires: [] }),
  search: () => ({ jobs: [], runs: [], datasets: [] }),
  listSchedules: () => none,
  listFires: () => none,
  showCalendar: ({ query }) => ({ ...schedules.calendar(query["from"], query["to"]), fires: [], transitions: [] }),
  showDelivery: () => delivery.noDelivery,
  listDeliveryChanges: () => none,
  listDeliveryDeployments: () => none,
  listSprints: () => ({ ...none, boards: [], computed_at: null }),
  listSprintIssues: () => none,
  listWorkflows: () => none,
  listDatasets: () => none,
  showLineage: () => ({ nodes: [], edges: [] }),
  listChecks: () => none,
};

const noSeries = {
  duration_p50_ms: [],
  duration_p95_ms: [],
  queue_p95_ms: [],
  cpu_ms: [],
  peak_memory_bytes: [],
  network_bytes: [],
  store_ms: [],
} as const;

function pageOfRuns(query: Readonly<Record<string, string>>): Contract["listRuns"]["response"] {
  const states = query["state"]?.split(",");
  const from = query["cursor"] === undefined ? newestRootId : Number(query["cursor"]);
  const items = runs
    .listOfRuns(from, 400)
    .filter(
      (run) =>
        (states === undefined || states.includes(run.state)) &&
        (query["job"] === undefined || query["job"] === run.job_name) &&
        (query["q"] === undefined || run.job_name.includes(query["q"]) || run.run_id === query["q"]),
    )
    .slice(0, Number(query["limit"] ?? pageSize));
  const last = items.at(-1);
  return { items, next_cursor: last === undefined || items.length < pageSize ? null : last.run_id.slice(1) };
}

function notThere(): never {
  throw new Error("the fixture has batches");
}

function idOf(runId: string | undefined): number {
  return Number(runId?.slice(1) ?? 0);
}
