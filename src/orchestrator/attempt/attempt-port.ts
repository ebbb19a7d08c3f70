// All that an attempt asks of its worker: reads of its own run, and fenced writes. The worker's RunLease fits it; in a
// thread or process of its own an attempt reaches that lease through messages, so everything here is plain data.
import type { RequestLedger } from "../../core/connection/request-ledger.ts";
import type { DatasetVersion, RunPublications } from "../../core/dataset/dataset.ts";
import type { Exchange } from "../../core/connection/exchange.ts";
import type { JobMetric } from "../../core/metric/metric.ts";
import type { ProgressUpdate } from "../../core/job/job-context.ts";
import type { RunId } from "../../core/run-id.ts";
import type {
  CheckpointVersion,
  Json,
  LogLevel,
  NewDatasetVersion,
  NewEvent,
  RunSummary,
  UnitRecord,
} from "../../store/rows/run-records.ts";
import type { ConnectionStore } from "../../store/connections/connection-store.ts";
import type { UnfinishedRead, WatermarkMove, WatermarkRecord } from "../../store/state/state-store.ts";
import type { StreamPort } from "../../core/stream/stream-ledger.ts";
import type { BreakerRecord } from "../../store/upkeep/upkeep-store.ts";
import type { RecordedMetric } from "../../store/record/metric-records.ts";

/** Writes throw `RUN_LOST` and write nothing when the lease is gone. */
export interface AttemptPort extends ConnectionStore, RequestLedger, StreamPort {
  loadCheckpoints(): Promise<readonly CheckpointVersion[]>;
  /** Those that count in a loop. */
  loadUnits(loop: string): Promise<readonly UnitRecord[]>;
  loadStep(name: string): Promise<{ readonly value: Json } | undefined>;
  findUpstream(job: string): Promise<RunSummary | undefined>;
  findRun(runId: RunId): Promise<RunSummary | undefined>;
  findDataset(name: string, version?: number): Promise<DatasetVersion | undefined>;
  /** Finds the publications of a dataset, as this run sees them. */
  findPublications(name: string): Promise<RunPublications>;
  listDatasets(): Promise<readonly DatasetVersion[]>;
  /** Finds a watermark of the run's job and tenant. */
  findWatermark(name: string): Promise<WatermarkRecord | undefined>;
  /** Lists the watermarks of the run's job and tenant. */
  listWatermarks(): Promise<readonly WatermarkRecord[]>;
  /** What an earlier run of the job has read, in steps of this name, that ended in ERROR. */
  findUnfinishedRead(step: string): Promise<UnfinishedRead | undefined>;
  /** What the run has recorded so far, also in attempts before. */
  loadMetrics(): Promise<readonly JobMetric[]>;

  saveCheckpoint(data: Json): Promise<void>;
  saveUnits(units: readonly UnitRecord[]): Promise<void>;
  saveStep(name: string, value: Json): Promise<void>;
  /** Beyond 100 a second the rest is dropped, counted, and told with the next one. */
  appendEvents(events: readonly NewEvent[]): Promise<void>;
  /** All or none. @throws MillraceError `WATERMARK_MOVED` unless each `seenVersion` is the newest (0: none) | `VALUE_INVALID` when one would go back */
  advanceWatermarks(moves: readonly WatermarkMove[]): Promise<readonly WatermarkRecord[]>;
  /** @throws MillraceError `VALUE_INVALID` when the run would have more than may be kept */
  recordMetrics(metrics: readonly RecordedMetric[]): Promise<void>;
  recordDataset(version: NewDatasetVersion): Promise<DatasetVersion>;
  /** Starts a run of a job, once per name in the life of this run. @throws MillraceError `JOB_UNKNOWN` | `SPAWN_CYCLE` | `WAIT_CHANGED` */
  spawn(name: string, job: string, params: Readonly<Record<string, Json>>): Promise<RunId>;
  /** @throws MillraceError `RUN_LOST` when another worker may have the run by now */
  assertHeld(): Promise<void>;
  /** The breaker of a connection, for a run that goes on after a failure. */
  findBreaker(name: string): Promise<BreakerRecord | undefined>;
  /** @returns false when somebody else saved it since it was found */
  saveBreaker(record: BreakerRecord): Promise<boolean>;
  /** The clock of the store. */
  readClockMs(): Promise<number>;
}

export type PortMethod = keyof AttemptPort;

// A record, so that a method without an entry does not compile.
const methods: Readonly<Record<PortMethod, true>> = {
  loadCheckpoints: true,
  loadUnits: true,
  loadStep: true,
  findUpstream: true,
  findRun: true,
  findDataset: true,
  findPublications: true,
  listDatasets: true,
  findWatermark: true,
  listWatermarks: true,
  findUnfinishedRead: true,
  loadMetrics: true,
  saveCheckpoint: true,
  saveUnits: true,
  saveStep: true,
  appendEvents: true,
  advanceWatermarks: true,
  recordMetrics: true,
  recordDataset: true,
  spawn: true,
  findConnection: true,
  findCredential: true,
  takeCredential: true,
  saveCredential: true,
  releaseCredential: true,
  readQuotaBlock: true,
  blockQuota: true,
  takeQuota: true,
  planRequest: true,
  findRequest: true,
  changeRequest: true,
  assertHeld: true,
  findBreaker: true,
  saveBreaker: true,
  readClockMs: true,
  declareTopic: true,
  findTopic: true,
  listTopics: true,
  readBounds: true,
  appendBlocks: true,
  readBlocks: true,
  findBlockAt: true,
  truncateTopic: true,
  deleteTopic: true,
  claimPartitions: true,
  releasePartitions: true,
  deliver: true,
  listParked: true,
  findBatch: true,
  endBatch: true,
  findReplay: true,
  noteReplayOutput: true,
  readJoins: true,
  listDueJoins: true,
  measureJoins: true,
  touchPayloads: true,
};

/** All of them: what a context uses and an isolate may call. */
export const portMethods: readonly PortMethod[] = Object.keys(methods) as PortMethod[];

/** Where an attempt's log lines, progress and exchanges go: never awaited, may be lost in a crash. */
export interface AttemptRecorder {
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
  progress(update: ProgressUpdate): void;
  exchange(exchange: Exchange): void;
}
