// Defines what a run writes about itself while it is leased, and how others read it.
import type { DatasetVersion, RunPublications } from "../../core/dataset/dataset.ts";
import type { RunId } from "../../core/run-id.ts";
import type { ExchangeBatch, ExchangeRecord, Traffic } from "./exchange-records.ts";
import type { MetricPage, MetricPoint, RecordedMetric } from "./metric-records.ts";
import type { RunFindings } from "./run-findings.ts";
import type {
  AttemptRecord,
  CheckpointVersion,
  Fence,
  Json,
  LogLine,
  NewDatasetVersion,
  NewEvent,
  NewLogLine,
  ProgressRecord,
  RunEvent,
  RunFilter,
  RunSummary,
  StepRecord,
  UnitRecord,
} from "../rows/run-records.ts";

export interface RecordStore {
  // A run writes down where it is. All fenced: they write nothing when the lease is gone, and throw RUN_LOST unless they say so.
  saveCheckpoint(fence: Fence, data: Json): Promise<void>;
  saveUnits(fence: Fence, units: readonly UnitRecord[]): Promise<void>;
  /** Steps of many runs in one transaction. @returns the runs whose lease was gone; nothing of theirs was written */
  saveSteps(steps: readonly StepRecord[]): Promise<readonly RunId[]>;
  appendEvents(fence: Fence, events: readonly NewEvent[]): Promise<void>;
  /** Records a published version. A run records the same dataset at most once: a repetition returns the first. */
  recordDataset(fence: Fence, version: NewDatasetVersion): Promise<DatasetVersion>;

  /**
   * Overwrites values of the same name and labels. @throws MillraceError `VALUE_INVALID` when the run would have more than
   * `maxMetrics`; then nothing is written
   */
  recordMetrics(fence: Fence, attempt: number, metrics: readonly RecordedMetric[]): Promise<void>;

  // Low-value writes: not fenced, batched by the caller.
  appendLogs(lines: readonly NewLogLine[]): Promise<void>;
  recordProgress(records: readonly ProgressRecord[]): Promise<void>;
  /** Exchanges of many runs in one transaction. */
  appendExchanges(batches: readonly ExchangeBatch[]): Promise<void>;

  // Reads. Lists are keyset pages; none counts.
  findRun(runId: RunId): Promise<RunSummary | undefined>;
  listRuns(filter: RunFilter): Promise<readonly RunSummary[]>;
  /** The run with that job name that this one depends on, directly or through others, within the same root. */
  findUpstream(runId: RunId, job: string): Promise<RunSummary | undefined>;
  /** Counts of a run's children by state; the number of children is bounded by one submission. */
  countChildren(runId: RunId): Promise<Readonly<Partial<Record<RunSummary["state"], number>>>>;
  /** What a run recorded, by name and labels. */
  listRunMetrics(runId: RunId): Promise<readonly MetricPoint[]>;
  /** Newest run first; of a run by labels. */
  listMetricHistory(page: MetricPage): Promise<readonly MetricPoint[]>;
  /** Of each figure of a job what its newest run recorded, by name and labels. At most 1,000. */
  listNewestMetrics(job: string): Promise<readonly MetricPoint[]>;
  /** The newest value without labels of each figure of each job, by job and name. */
  listLastMetrics(limit: number): Promise<readonly MetricPoint[]>;
  /** Empty for an unknown run. */
  readRunFindings(runId: RunId): Promise<RunFindings>;
  listEdges(parentRunId: RunId): Promise<readonly { from: RunId; to: RunId }[]>;
  listEvents(runId: RunId, afterSeq: number, limit: number): Promise<readonly RunEvent[]>;
  /** The last events of a run and of the first 1,000 runs in it, by time, oldest first. Empty for an unknown run. */
  listLastEvents(runId: RunId, limit: number): Promise<readonly (RunEvent & { readonly job: string })[]>;
  listLogs(runId: RunId, afterSeq: number, limit: number): Promise<readonly LogLine[]>;
  /** Zeros for a run that asked no service for anything. */
  findTraffic(runId: RunId): Promise<Traffic>;
  /** What is kept of a run's exchanges, in the order in which they ended, after that number; all, or those that failed. */
  listExchanges(request: {
    readonly runId: RunId;
    readonly isFailed: boolean;
    readonly after: number;
    readonly limit: number;
  }): Promise<readonly ExchangeRecord[]>;
  /** The newest that are kept of all runs through a connection, newest first. */
  listExchangesThrough(connection: string, limit: number): Promise<readonly ExchangeRecord[]>;
  listAttempts(runId: RunId): Promise<readonly AttemptRecord[]>;
  /** Newest first, at most three versions. */
  loadCheckpoints(runId: RunId): Promise<readonly CheckpointVersion[]>;
  loadUnits(runId: RunId, loop?: string): Promise<readonly UnitRecord[]>;
  loadStep(runId: RunId, name: string): Promise<{ readonly value: Json } | undefined>;
  findDataset(name: string, version?: number): Promise<DatasetVersion | undefined>;
  findRunPublications(name: string, runId: RunId): Promise<RunPublications>;
  listDatasets(): Promise<readonly DatasetVersion[]>;
  listDatasetVersions(
    name: string,
    beforeVersion: number | undefined,
    limit: number,
  ): Promise<readonly DatasetVersion[]>;
}
