// What each route takes and gives. Types only: a browser imports them for nothing. The schemas that check them at run time
// are in schemas/, one file a resource, tied to these types.
import type {
  ApplyBulk,
  BulkResult,
  FailureCluster,
  FailuresQuery,
  SearchResult,
  Selection,
  SelectRuns,
  Timeline,
  TimelineQuery,
} from "./control.ts";
import type { CheckRow, ChecksQuery, DatasetDetail, DatasetView, Lineage } from "./dataset.ts";
import type {
  BackfillRequest,
  BackfillResult,
  Grid,
  JobDetail,
  JobOverview,
  JobsQuery,
  Metrics,
  MetricsQuery,
} from "./job.ts";
import type {
  Breaker,
  Connection,
  EngineActionResult,
  Limit,
  Orchestrator,
  PutLimits,
  ResetBreaker,
} from "./orchestrator.ts";
import type { Page, PageQuery, RunIdText } from "./page.ts";
import type {
  DatasetReset,
  QuarantineQuery,
  QuarantineRows,
  QuarantineView,
  ResetDataset,
  SettledQuarantine,
  SettleQuarantine,
} from "./quarantine.ts";
import type {
  ActionRequest,
  ActionResult,
  Comparison,
  EventsQuery,
  Explanation,
  LogPage,
  LogsQuery,
  Run,
  RunDetail,
  RunEventRecord,
  RunGraph,
  RunsQuery,
  StartRequest,
  StartResult,
  Unit,
} from "./run.ts";
import type {
  Calendar,
  CalendarQuery,
  Fire,
  FiresQuery,
  NextFires,
  NextFiresQuery,
  PutSchedule,
  ScheduleView,
} from "./schedule.ts";
import type {
  AuditPage,
  AuditQuery,
  CreatedToken,
  CreateSession,
  CreateToken,
  Session,
  Ticket,
  TokenView,
} from "./session.ts";
import type {
  Checkpoint,
  CheckpointChange,
  PutCheckpoint,
  PutWatermark,
  UndoWatermark,
  Watermark,
  WatermarkChange,
} from "./state.ts";

interface OfJob {
  readonly job_name: string;
}

interface OfRun {
  readonly run_id: RunIdText;
}

interface OfDataset {
  readonly dataset: string;
}

/** A list that is bounded by the project, so that it needs no pages. */
interface List<Item> {
  readonly items: readonly Item[];
}

interface RunActionContract {
  readonly params: OfRun;
  readonly body: ActionRequest;
  readonly response: ActionResult;
}

interface JobActionContract {
  readonly params: OfJob;
  readonly body: ActionRequest;
  readonly response: ActionResult;
}

export interface Contract {
  createSession: { body: CreateSession; response: Session };
  showSession: { response: Session };
  endSession: { response: null };
  createTicket: { response: Ticket };
  listTokens: { response: List<TokenView> };
  createToken: { body: CreateToken; response: CreatedToken };
  revokeToken: { params: { token_id: string }; response: null };
  listAudit: { query: AuditQuery; response: AuditPage };

  showOrchestrator: { response: Orchestrator };
  startOrchestrator: { body: ActionRequest; response: EngineActionResult };
  stopOrchestrator: { body: ActionRequest; response: EngineActionResult };
  emergencyStop: { body: ActionRequest; response: EngineActionResult };
  listLimits: { response: List<Limit> };
  putLimits: { body: PutLimits; response: List<Limit> };
  listConnections: { response: List<Connection> };
  listBreakers: { response: List<Breaker> };
  resetBreaker: { params: { connection: string }; body: ResetBreaker; response: Breaker };

  listJobs: { query: JobsQuery; response: Page<JobOverview> };
  showJob: { params: OfJob; response: JobDetail };
  startJob: { params: OfJob; body: StartRequest; response: StartResult };
  stopJob: JobActionContract;
  pauseJob: JobActionContract;
  resumeJob: JobActionContract;
  backfillJob: { params: OfJob; body: BackfillRequest; response: BackfillResult };
  showGrid: { params: OfJob; query: PageQuery; response: Grid };
  showMetrics: { query: MetricsQuery; response: Metrics };
  listCheckpoints: { params: OfJob; response: List<Checkpoint> };
  putCheckpoint: { params: OfJob; body: PutCheckpoint; response: CheckpointChange };
  listWatermarks: { params: OfJob; response: List<Watermark> };
  putWatermark: { params: OfJob; body: PutWatermark; response: WatermarkChange };
  undoWatermark: { params: OfJob; body: UndoWatermark; response: WatermarkChange };

  listRuns: { query: RunsQuery; response: Page<Run> };
  showRun: { params: OfRun; response: RunDetail };
  listChildren: {
    params: OfRun;
    query: PageQuery & { readonly state?: string; readonly q?: string; readonly result?: boolean };
    response: Page<Run>;
  };
  showGraph: { params: OfRun; response: RunGraph };
  listRunEvents: { params: OfRun; query: EventsQuery; response: Page<RunEventRecord> };
  listRunLogs: { params: OfRun; query: LogsQuery; response: LogPage };
  downloadRunLogs: { params: OfRun; query: Pick<LogsQuery, "q" | "level">; response: string };
  listUnits: { params: OfRun; query: PageQuery & { readonly state?: "done" | "failed" }; response: Page<Unit> };
  explainRun: { params: OfRun; response: Explanation };
  compareRuns: { params: OfRun & { readonly other_run_id: RunIdText }; response: Comparison };
  startRun: RunActionContract;
  stopRun: RunActionContract;
  cancelRun: RunActionContract;
  pauseRun: RunActionContract;
  resumeRun: RunActionContract;
  retryRun: RunActionContract;
  replayRun: { params: OfRun; body: ActionRequest; response: StartResult };
  selectRuns: { body: SelectRuns; response: Selection };
  applyBulk: { body: ApplyBulk; response: BulkResult };
  listFailures: { query: FailuresQuery; response: List<FailureCluster> };
  showTimeline: { query: TimelineQuery; response: Timeline };
  search: { query: { readonly q: string }; response: SearchResult };

  listSchedules: { response: List<ScheduleView> };
  removeSchedule: { params: OfJob; response: null };
  putSchedule: { params: OfJob; body: PutSchedule; response: ScheduleView };
  listFires: { params: OfJob; query: FiresQuery; response: Page<Fire> };
  listNextFires: { params: OfJob; query: NextFiresQuery; response: NextFires };
  showCalendar: { query: CalendarQuery; response: Calendar };

  listDatasets: { query: { readonly q?: string }; response: List<DatasetView> };
  showDataset: { params: { readonly dataset: string }; query: PageQuery; response: DatasetDetail };
  showLineage: { response: Lineage };
  resetDataset: { params: OfDataset; body: ResetDataset; response: DatasetReset };
  listQuarantine: { response: List<QuarantineView> };
  showQuarantine: { params: OfDataset; query: QuarantineQuery; response: QuarantineRows };
  releaseQuarantine: { params: OfDataset; body: SettleQuarantine; response: SettledQuarantine };
  discardQuarantine: { params: OfDataset; body: SettleQuarantine; response: SettledQuarantine };
  listChecks: { query: ChecksQuery; response: List<CheckRow> };
}
