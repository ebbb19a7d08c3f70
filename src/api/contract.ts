// Defines the input and output of each route. It has types only, which cost a browser nothing. The schemas that check
// them at run time are in schemas/, one file a resource, tied to these types.
import type { ExportFormat } from "../core/export-format.ts";
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
import type { Collection } from "./collection.ts";
import type {
  CheckRow,
  ChecksQuery,
  DatasetDetail,
  DatasetRowsQuery,
  QueryDatasets,
  RowsView,
  DatasetView,
  FailedRowsView,
  Lineage,
} from "./datasets/dataset.ts";
import type { FigureExportQuery, FigurePath, FigureRowsPage, FigureRowsQuery } from "./delivery/figure-rows.ts";
import type {
  Delivery,
  DeliveryChangePage,
  DeliveryDeploymentPage,
  DeliveryDeploymentsQuery,
  DeliveryExportQuery,
  DeliveryQuery,
  DeliveryRowsQuery,
} from "./delivery/delivery.ts";
import type {
  SprintDetail,
  SprintExportQuery,
  SprintIssue,
  SprintIssuesQuery,
  SprintPage,
  SprintPath,
  SprintsQuery,
} from "./delivery/sprint.ts";
import type { PutWorkflow, PutWorkflowResult, Workflow, WorkflowPath, WorkflowSummary } from "./delivery/workflow.ts";
import type { JobMetric, MetricValue } from "./figure.ts";
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
import type { LatenessTurn, TurnsQuery } from "./lateness.ts";
import type {
  AddConnection,
  Breaker,
  Connection,
  ConnectionTest,
  OrchestratorActionResult,
  Limit,
  Orchestrator,
  PutLimits,
  ResetBreaker,
  TestConnection,
} from "./orchestrator.ts";
import type {
  ChannelPath,
  ChannelTest,
  ChannelView,
  NotificationDetail,
  NotificationPage,
  NotificationPath,
  NotificationsQuery,
} from "./notification.ts";
import type { DatasetCareRun, OptimizeDataset, VacuumDataset } from "./datasets/dataset-care.ts";
import type { Page, PageQuery, RunIdText } from "./page.ts";
import type {
  DatasetReset,
  QuarantineQuery,
  QuarantineRows,
  QuarantineView,
  RekeyDataset,
  RekeyedDataset,
  ResetDataset,
  ResolvedQuarantine,
  ResolveQuarantine,
} from "./datasets/quarantine.ts";
import type { RunRequestPage, RunRequestsQuery, ServiceRequestRecord } from "./request.ts";
import type {
  ActionRequest,
  ActionResult,
  Comparison,
  EventsQuery,
  Explanation,
  JobExplanation,
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
import type { BatchesQuery, BatchPath, BatchView } from "./streams/batch.ts";
import type {
  ChooseDeadLetters,
  DeadLetterDetail,
  DeadLetterPage,
  DeadLetterPath,
  DeadLettersQuery,
  ResolvedDeadLetters,
  RetryDeadLetters,
} from "./streams/dead-letter.ts";
import type { ReplayPath, ReplaysQuery, ReplayView, StartReplay } from "./streams/replay.ts";
import type { StoreCopyView } from "./streams/store.ts";
import type { GroupDetail, GroupPath, GroupView, SeekGroup, SoughtGroup } from "./streams/group.ts";
import type {
  PeekedRecords,
  PeekQuery,
  ProducedRecords,
  ProduceRecords,
  TopicDetail,
  TopicPath,
  TopicView,
  TrimmedTopic,
  TrimTopic,
} from "./streams/topic.ts";
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
  UnitPage,
  UnitsQuery,
  Watermark,
  WatermarksQuery,
  WatermarkChange,
} from "./state.ts";

export interface JobPath {
  readonly job_name: string;
}

export interface RunPath {
  readonly run_id: RunIdText;
}

export interface ConnectionPath {
  readonly connection: string;
}

export interface DatasetPath {
  readonly dataset: string;
}

/** A list that is bounded by the project, so that it needs no pages. */
export interface ItemList<Item> {
  readonly items: readonly Item[];
}

export interface RunActionContract {
  readonly params: RunPath;
  readonly body: ActionRequest;
  readonly response: ActionResult;
}

export interface JobActionContract {
  readonly params: JobPath;
  readonly body: ActionRequest;
  readonly response: ActionResult;
}

export interface Contract {
  createSession: { body: CreateSession; response: Session };
  showSession: { response: Session };
  endSession: { response: null };
  createTicket: { response: Ticket };
  listTokens: { response: ItemList<TokenView> };
  createToken: { body: CreateToken; response: CreatedToken };
  revokeToken: { params: { token_id: string }; response: null };
  listAudit: { query: AuditQuery; response: AuditPage };

  showOrchestrator: { response: Orchestrator };
  startOrchestrator: { body: ActionRequest; response: OrchestratorActionResult };
  stopOrchestrator: { body: ActionRequest; response: OrchestratorActionResult };
  emergencyStop: { body: ActionRequest; response: OrchestratorActionResult };
  listLimits: { response: ItemList<Limit> };
  putLimits: { body: PutLimits; response: ItemList<Limit> };
  listConnections: { response: ItemList<Connection> };
  testConnection: { params: ConnectionPath; body: TestConnection; response: ConnectionTest };
  addConnection: { params: ConnectionPath; body: AddConnection; response: { connection: string; version: number } };
  removeConnection: { params: ConnectionPath; response: null };
  rekeyConnections: { response: { renewed: number; current: number } };
  listCollection: { response: Collection };
  listConnectionRequests: { params: ConnectionPath; response: ItemList<ServiceRequestRecord> };
  listBreakers: { response: ItemList<Breaker> };
  resetBreaker: { params: ConnectionPath; body: ResetBreaker; response: Breaker };

  listNotifications: { query: NotificationsQuery; response: NotificationPage };
  showNotification: { params: NotificationPath; response: NotificationDetail };
  retryNotification: { params: NotificationPath; response: NotificationDetail };
  listChannels: { response: ItemList<ChannelView> };
  testChannel: { params: ChannelPath; response: ChannelTest };

  listTopics: { response: ItemList<TopicView> };
  showTopic: { params: TopicPath; response: TopicDetail };
  peekRecords: { params: TopicPath; query: PeekQuery; response: PeekedRecords };
  produceRecords: { params: TopicPath; body: ProduceRecords; response: ProducedRecords };
  trimTopic: { params: TopicPath; body: TrimTopic; response: TrimmedTopic };
  deleteTopic: { params: TopicPath; response: null };
  listGroups: { response: ItemList<GroupView> };
  showGroup: { params: GroupPath; response: GroupDetail };
  seekGroup: { params: GroupPath; body: SeekGroup; response: SoughtGroup };
  listBatches: { params: GroupPath; query: BatchesQuery; response: Page<BatchView> };
  giveUpBatch: { params: BatchPath; body: { readonly reason?: string }; response: BatchView };
  listReplays: { query: ReplaysQuery; response: ItemList<ReplayView> };
  showReplay: { params: ReplayPath; response: ReplayView };
  startReplay: { params: JobPath; body: StartReplay; response: ReplayView };
  swapReplay: { params: ReplayPath; body: { readonly reason?: string }; response: ReplayView };
  cancelReplay: { params: ReplayPath; body: { readonly reason?: string }; response: ReplayView };
  listStores: { response: ItemList<StoreCopyView> };
  listDeadLetters: { query: DeadLettersQuery; response: DeadLetterPage };
  showDeadLetter: { params: DeadLetterPath; response: DeadLetterDetail };
  retryDeadLetters: { body: RetryDeadLetters; response: ResolvedDeadLetters };
  discardDeadLetters: { body: ChooseDeadLetters; response: ResolvedDeadLetters };

  listJobs: { query: JobsQuery; response: Page<JobOverview> };
  showJob: { params: JobPath; response: JobDetail };
  explainJob: { params: JobPath; response: JobExplanation };
  startJob: { params: JobPath; body: StartRequest; response: StartResult };
  stopJob: JobActionContract;
  pauseJob: JobActionContract;
  resumeJob: JobActionContract;
  backfillJob: { params: JobPath; body: BackfillRequest; response: BackfillResult };
  showGrid: { params: JobPath; query: PageQuery; response: Grid };
  showMetrics: { query: MetricsQuery; response: Metrics };
  listJobMetrics: { params: JobPath; response: ItemList<JobMetric> };
  listMetricHistory: {
    params: JobPath & { readonly metric: string };
    query: PageQuery;
    response: Page<MetricValue>;
  };
  listTurns: { query: TurnsQuery; response: Page<LatenessTurn> };
  listCheckpoints: { params: JobPath; response: ItemList<Checkpoint> };
  putCheckpoint: { params: JobPath; body: PutCheckpoint; response: CheckpointChange };
  listWatermarks: { params: JobPath; query: WatermarksQuery; response: Page<Watermark> };
  listJobUnits: { params: JobPath; query: UnitsQuery; response: UnitPage };
  putWatermark: { params: JobPath; body: PutWatermark; response: WatermarkChange };
  undoWatermark: { params: JobPath; body: UndoWatermark; response: WatermarkChange };

  listRuns: { query: RunsQuery; response: Page<Run> };
  showRun: { params: RunPath; response: RunDetail };
  listChildren: {
    params: RunPath;
    query: PageQuery & { readonly state?: string; readonly q?: string; readonly result?: boolean };
    response: Page<Run>;
  };
  showGraph: { params: RunPath; response: RunGraph };
  listRunEvents: { params: RunPath; query: EventsQuery; response: Page<RunEventRecord> };
  listRunLogs: { params: RunPath; query: LogsQuery; response: LogPage };
  downloadRunLogs: { params: RunPath; query: Pick<LogsQuery, "q" | "level">; response: string };
  listUnits: { params: RunPath; query: PageQuery & { readonly state?: "done" | "failed" }; response: Page<Unit> };
  listRunRequests: { params: RunPath; query: RunRequestsQuery; response: RunRequestPage };
  listFailedRows: { params: RunPath; response: ItemList<FailedRowsView> };
  explainRun: { params: RunPath; response: Explanation };
  compareRuns: { params: RunPath & { readonly other_run_id: RunIdText }; response: Comparison };
  startRun: RunActionContract;
  stopRun: RunActionContract;
  cancelRun: RunActionContract;
  pauseRun: RunActionContract;
  resumeRun: RunActionContract;
  retryRun: RunActionContract;
  rerunRun: { params: RunPath; body: ActionRequest; response: StartResult };
  selectRuns: { body: SelectRuns; response: Selection };
  applyBulk: { body: ApplyBulk; response: BulkResult };
  listFailures: { query: FailuresQuery; response: ItemList<FailureCluster> };
  showTimeline: { query: TimelineQuery; response: Timeline };
  search: { query: { readonly q: string }; response: SearchResult };

  listSchedules: { response: ItemList<ScheduleView> };
  removeSchedule: { params: JobPath; response: null };
  putSchedule: { params: JobPath; body: PutSchedule; response: ScheduleView };
  listFires: { params: JobPath; query: FiresQuery; response: Page<Fire> };
  listNextFires: { params: JobPath; query: NextFiresQuery; response: NextFires };
  showCalendar: { query: CalendarQuery; response: Calendar };

  showDelivery: { query: DeliveryQuery; response: Delivery };
  listDeliveryChanges: { query: DeliveryRowsQuery; response: DeliveryChangePage };
  listDeliveryDeployments: { query: DeliveryDeploymentsQuery; response: DeliveryDeploymentPage };
  exportDelivery: { query: DeliveryExportQuery; response: string };
  listSprints: { query: SprintsQuery; response: SprintPage };
  showSprint: { params: SprintPath; response: SprintDetail };
  listSprintIssues: { params: SprintPath; query: SprintIssuesQuery; response: Page<SprintIssue> };
  exportSprints: { query: SprintExportQuery; response: string };
  listFigureRows: { params: FigurePath; query: FigureRowsQuery; response: FigureRowsPage };
  exportFigureRows: { params: FigurePath; query: FigureExportQuery; response: string };
  listWorkflows: { response: ItemList<WorkflowSummary> };
  showWorkflow: { params: WorkflowPath; response: Workflow };
  putWorkflow: { params: WorkflowPath; body: PutWorkflow; response: PutWorkflowResult };

  listDatasets: { query: { readonly q?: string }; response: ItemList<DatasetView> };
  showDataset: { params: { readonly dataset: string }; query: PageQuery; response: DatasetDetail };
  listDatasetRows: { params: DatasetPath; query: DatasetRowsQuery; response: RowsView };
  exportDataset: { params: DatasetPath; query: { readonly format: ExportFormat }; response: string };
  queryDatasets: { body: QueryDatasets; response: RowsView };
  showLineage: { response: Lineage };
  resetDataset: { params: DatasetPath; body: ResetDataset; response: DatasetReset };
  rekeyDataset: { params: DatasetPath; body: RekeyDataset; response: RekeyedDataset };
  vacuumDataset: { params: DatasetPath; body: VacuumDataset; response: DatasetCareRun };
  optimizeDataset: { params: DatasetPath; body: OptimizeDataset; response: DatasetCareRun };
  listQuarantine: { response: ItemList<QuarantineView> };
  showQuarantine: { params: DatasetPath; query: QuarantineQuery; response: QuarantineRows };
  releaseQuarantine: { params: DatasetPath; body: ResolveQuarantine; response: ResolvedQuarantine };
  discardQuarantine: { params: DatasetPath; body: ResolveQuarantine; response: ResolvedQuarantine };
  listChecks: { query: ChecksQuery; response: ItemList<CheckRow> };
}
