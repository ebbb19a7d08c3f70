// The one route table: every endpoint with who may call it. The server refuses what is not in it, the OpenAPI document and
// the clients are made from it. A browser can load it alone.

import type { Contract } from "./contract.ts";
import type { Role } from "./role.ts";

/** The least role that may call a route; `public` needs no token. */
export type Permission = Role | "public";

export interface RouteEntry {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path with `:name` for each path parameter. */
  readonly path: string;
  readonly permission: Permission;
  /** Needed in its place when the body says `force`. */
  readonly forcePermission?: Role;
  /** One line for the OpenAPI document. */
  readonly summary: string;
}

const api = "/api/v1";

/** By operation id. */
export const routes: Readonly<Record<RouteName, RouteEntry>> = {
  // The session and tokens of callers.
  createSession: post("/session", "public", "exchange a token for a session cookie"),
  showSession: get("/session", "viewer", "who the caller is and what it may do"),
  endSession: del("/session", "viewer", "forget the session cookie"),
  createTicket: post("/tickets", "viewer", "a ticket that opens one WebSocket"),
  listTokens: get("/tokens", "admin", "tokens, without their secrets"),
  createToken: post("/tokens", "admin", "make a token; its secret is shown this once"),
  revokeToken: del("/tokens/:token_id", "admin", "end a token and drop its connections"),
  listAudit: get("/audit", "admin", "who changed what, newest first, and whether the chain of hashes holds"),

  // The orchestrator.
  showOrchestrator: get(
    "/orchestrator",
    "viewer",
    "whether workers take runs, who they are, and the health of the orchestrator",
  ),
  startOrchestrator: post("/jobs/orchestrator/start", "operator", "let workers take runs"),
  stopOrchestrator: post("/jobs/orchestrator/stop", "operator", "let workers finish what they have and take no more"),
  emergencyStop: post(
    "/jobs/orchestrator/emergency-stop",
    "admin",
    "stop the orchestrator and end all that executes, at once",
  ),
  listLimits: get("/limits", "viewer", "gates with their capacities and who holds them"),
  putLimits: put("/limits", "editor", "change capacities"),
  listConnections: get("/connections", "viewer", "connections with address, token, pause, breaker and next probe"),
  testConnection: post("/connections/:connection/test", "operator", "send one request through a connection"),
  addConnection: post(
    "/connections/:connection",
    "admin",
    "register a connection; its secrets are sealed and never given out",
  ),
  removeConnection: del("/connections/:connection", "admin", "forget a registered connection with its token"),
  rekeyConnections: post(
    "/connection-secrets/rekey",
    "admin",
    "seal registered connections and tokens with the newest key",
  ),
  listConnectionRequests: get("/connections/:connection/requests", "viewer", "the last requests through a connection"),
  listCollection: get(
    "/collection",
    "viewer",
    "jobs that collect from services or in units: how much is read, how new it is, and their connections",
  ),
  listBreakers: get("/breakers", "viewer", "circuit breakers"),
  resetBreaker: post("/breakers/:connection/reset", "operator", "close a breaker now"),

  // What people are told.
  listNotifications: get("/notifications", "viewer", "messages with what became of them, newest first"),
  showNotification: get("/notifications/:notification_id", "viewer", "a message with all that it says"),
  retryNotification: post(
    "/notifications/:notification_id/retry",
    "operator",
    "have a message that was given up sent again",
  ),
  listChannels: get("/channels", "viewer", "channels of the project and of its jobs"),
  testChannel: post("/channels/:channel/test", "operator", "send a message through a channel that says it is a test"),

  // Streams.
  listTopics: get("/topics", "viewer", "topics with what they hold, their rates and the groups that read them"),
  showTopic: get("/topics/:topic", "viewer", "a topic with its partitions"),
  peekRecords: get("/topics/:topic/records", "operator", "some records of a topic, by place, time or key"),
  produceRecords: post("/topics/:topic/records", "operator", "append records to a topic, all or none"),
  trimTopic: post("/topics/:topic/trim", "admin", "forget the records before a place, or preview that"),
  deleteTopic: del("/topics/:topic", "admin", "delete a topic with all its records"),
  listGroups: get("/groups", "viewer", "groups that work through topics, with how far behind they are"),
  showGroup: get("/groups/:group", "viewer", "a group with its members and partitions"),
  seekGroup: post("/groups/:group/seek", "editor", "put a group to another place of its topics, or preview that"),
  listBatches: get("/groups/:group/batches", "viewer", "batches that a group has taken, newest first"),
  giveUpBatch: post(
    "/groups/:group/batches/:batch/give-up",
    "editor",
    "let a group go on behind a batch that no run works on",
  ),
  listReplays: get("/replays", "viewer", "replays with how far they are, newest first"),
  showReplay: get("/replays/:replay", "viewer", "a replay with its ranges and what it has published"),
  startReplay: post(
    "/jobs/:job_name/replays",
    "operator",
    "handle the records of a job's topics once more, beside the live group",
  ),
  swapReplay: post("/replays/:replay/swap", "operator", "make the result of a replay the datasets of its job"),
  cancelReplay: post("/replays/:replay/cancel", "operator", "end a replay; the datasets stay as they are"),
  listStores: get("/stores", "viewer", "copies of local stores on the machine of the server"),
  listDeadLetters: get(
    "/dead-letters",
    "viewer",
    "records that could not be handled, newest first, without what is in them",
  ),
  showDeadLetter: get("/dead-letters/:dead_letter_id", "operator", "a record that could not be handled"),
  retryDeadLetters: post("/dead-letters/retry", "operator", "have records handled again, or preview that"),
  discardDeadLetters: post("/dead-letters/discard", "editor", "give records up, or preview that"),

  // Jobs.
  listJobs: get("/jobs", "viewer", "jobs and pipelines with what a person looks at first"),
  showJob: get("/jobs/:job_name", "viewer", "a job with its definition and graph"),
  explainJob: get(
    "/jobs/:job_name/why",
    "viewer",
    "when a job starts, what it waits for, and why its newest run is where it is",
  ),
  startJob: force("/jobs/:job_name/start", "start a run"),
  stopJob: force("/jobs/:job_name/stop", "end all unfinished runs of a job"),
  pauseJob: post("/jobs/:job_name/pause", "operator", "set a job aside with all its runs"),
  resumeJob: post("/jobs/:job_name/resume", "operator", "put back what was paused"),
  backfillJob: post("/jobs/:job_name/backfill", "operator", "run the windows of a range that have no finished run"),
  showGrid: get("/jobs/:job_name/grid", "viewer", "past runs by member jobs"),
  showMetrics: get("/metrics", "viewer", "durations, throughput, success rate, queue age and resources over time"),
  listJobMetrics: get("/jobs/:job_name/metrics", "viewer", "business figures of a job with their thresholds"),
  listMetricHistory: get("/jobs/:job_name/metrics/:metric", "viewer", "values of a figure by run, newest first"),
  listTurns: get("/lateness", "viewer", "when a job or a dataset was late, and when it was in time again"),
  listCheckpoints: get("/jobs/:job_name/checkpoints", "viewer", "checkpoints of a job's unfinished and failed runs"),
  putCheckpoint: put("/jobs/:job_name/checkpoints", "editor", "replace a checkpoint, or preview that"),
  listWatermarks: get("/jobs/:job_name/watermarks", "viewer", "how far a job has read, with its history"),
  listJobUnits: get(
    "/jobs/:job_name/units",
    "viewer",
    "how far each unit of a job was read, and what it failed with since",
  ),
  putWatermark: put("/jobs/:job_name/watermarks", "editor", "set or rewind a watermark, or preview that"),
  undoWatermark: post("/jobs/:job_name/watermarks/undo", "editor", "take the last change of a person back"),

  // Runs.
  listRuns: get("/runs", "viewer", "runs, newest first, filtered and searched by the server"),
  showRun: get("/runs/:run_id", "viewer", "a run with its attempts, datasets and checks"),
  listChildren: get("/runs/:run_id/children", "viewer", "runs of a pipeline run"),
  showGraph: get("/runs/:run_id/graph", "viewer", "runs of a pipeline run with their edges and times"),
  listRunEvents: get("/runs/:run_id/events", "viewer", "history of a run, by sequence"),
  listRunLogs: get(
    "/runs/:run_id/logs",
    "viewer",
    "log lines of a run and the runs in it; search, level, pages both ways",
  ),
  downloadRunLogs: get("/runs/:run_id/logs.txt", "viewer", "the whole log as text"),
  listUnits: get("/runs/:run_id/units", "viewer", "units of a run with their outcomes"),
  listRunRequests: get("/runs/:run_id/requests", "viewer", "what a run asked of services, with their answers"),
  listFailedRows: get("/runs/:run_id/failed-rows", "operator", "rows that broke the blocking checks of a run"),
  explainRun: get("/runs/:run_id/why", "viewer", "why a run is where it is"),
  compareRuns: get("/runs/:run_id/compare/:other_run_id", "viewer", "what differs between two runs"),
  startRun: force("/runs/:run_id/start", "make a waiting run ready now (with force)"),
  stopRun: force("/runs/:run_id/stop", "end a run and the runs in it"),
  cancelRun: post("/runs/:run_id/cancel", "operator", "the same as stop"),
  pauseRun: post("/runs/:run_id/pause", "operator", "set a run aside"),
  resumeRun: post("/runs/:run_id/resume", "operator", "put a paused run back"),
  retryRun: post("/runs/:run_id/retry", "operator", "give a failed run another try"),
  rerunRun: post("/runs/:run_id/rerun", "operator", "a new run with the same params and window"),
  selectRuns: post("/bulk/selections", "operator", "freeze the runs that a filter finds, and count them exactly"),
  applyBulk: post("/bulk", "operator", "apply an action to a frozen selection"),
  listFailures: get("/failures", "viewer", "failed runs in clusters of the same error"),
  showTimeline: get("/timeline", "viewer", "runs of the last hours and fires of the next"),
  search: get("/search", "viewer", "jobs, runs and datasets by a few letters"),

  // Schedules.
  listSchedules: get("/schedules", "viewer", "schedules with their next and last fires"),
  putSchedule: put("/schedules/:job_name", "editor", "pause or resume a schedule"),
  removeSchedule: del("/schedules/:job_name", "editor", "forget a schedule that the project no longer has"),
  listFires: get("/schedules/:job_name/fires", "viewer", "past fires, newest first"),
  listNextFires: get("/schedules/:job_name/next", "viewer", "when a schedule fires next"),
  showCalendar: get("/schedules/calendar", "viewer", "fires of a range, with changes of the clock marked"),

  // Data.
  // Delivery.
  showDelivery: get(
    "/delivery",
    "viewer",
    "figures of delivery of a service by week or month, with their stages and benchmark",
  ),
  listDeliveryChanges: get(
    "/delivery/changes",
    "viewer",
    "changes that were deployed, with their stages, newest first",
  ),
  listDeliveryDeployments: get("/delivery/deployments", "viewer", "deployments to production, newest first"),
  exportDelivery: get("/delivery/export", "viewer", "figures, changes or deployments of a service as a file"),
  listSprints: get("/sprints", "viewer", "sprints with what was committed, added, removed and completed, newest first"),
  showSprint: get("/sprints/:sprint_id", "viewer", "a sprint with its burndown"),
  listSprintIssues: get("/sprints/:sprint_id/issues", "viewer", "issues that a number of a sprint is made of"),
  exportSprints: get("/sprints/export", "viewer", "sprints, or issues or burndown of one, as a file"),
  listFigureRows: get("/figures/:metric/rows", "viewer", "rows that a figure is made of, newest first"),
  exportFigureRows: get("/figures/:metric/export", "viewer", "rows that a figure is made of, as a file"),
  listWorkflows: get(
    "/workflows",
    "viewer",
    "projects with how many statuses they have, and which version of their meaning",
  ),
  showWorkflow: get(
    "/workflows/:project_key",
    "viewer",
    "what statuses mean in a project, and what people have said of them",
  ),
  putWorkflow: put("/workflows/:project_key", "operator", "say what statuses mean in a project"),

  listDatasets: get("/datasets", "viewer", "datasets with their latest version"),
  showDataset: get("/datasets/:dataset", "viewer", "a dataset with its versions, schema and lineage"),
  listDatasetRows: get("/datasets/:dataset/rows", "operator", "the first rows of a dataset"),
  exportDataset: get("/datasets/:dataset/export", "operator", "all rows of a dataset as a CSV or Parquet file"),
  queryDatasets: post(
    "/query",
    "admin",
    "the first rows of one select over datasets, with all that the engine can read",
  ),
  resetDataset: post(
    "/datasets/:dataset/reset",
    "admin",
    "make a dataset as if no run had published it, or preview that",
  ),
  rekeyDataset: post("/datasets/:dataset/rekey", "admin", "encrypt what older keys have encrypted with the newest key"),
  vacuumDataset: post(
    "/datasets/:dataset/vacuum",
    "operator",
    "delete files that no version within the retention needs",
  ),
  optimizeDataset: post(
    "/datasets/:dataset/optimize",
    "operator",
    "write rows again into fewer, larger or sorted files",
  ),
  showLineage: get("/lineage", "viewer", "datasets and the jobs between them"),
  listChecks: get("/checks", "viewer", "results of checks, by dataset and run"),
  listQuarantine: get("/quarantine", "viewer", "datasets with rows set aside, by check, run and age"),
  showQuarantine: get("/quarantine/:dataset", "operator", "rows that were set aside, with why, when and where from"),
  releaseQuarantine: post(
    "/quarantine/:dataset/release",
    "editor",
    "publish rows that were set aside, or preview that",
  ),
  discardQuarantine: post("/quarantine/:dataset/discard", "editor", "drop rows that were set aside, or preview that"),
};

/** Operation ids. */
export type RouteName = keyof Contract;

/** The WebSocket; it has the same guard as the routes. @see event-message.ts */
export const eventsPath: string = `${api}/events`;

function get(path: string, permission: Permission, summary: string): RouteEntry {
  return { method: "GET", path: api + path, permission, summary };
}

function post(path: string, permission: Permission, summary: string): RouteEntry {
  return { method: "POST", path: api + path, permission, summary };
}

function put(path: string, permission: Permission, summary: string): RouteEntry {
  return { method: "PUT", path: api + path, permission, summary };
}

function del(path: string, permission: Permission, summary: string): RouteEntry {
  return { method: "DELETE", path: api + path, permission, summary };
}

function force(path: string, summary: string): RouteEntry {
  return { ...post(path, "operator", summary), forcePermission: "admin" };
}
