// Defines how far jobs have read their sources, and how people change what jobs remember. A run moves a watermark
// forward only; a person may move it anywhere, and take that back.
import type { PublishedVersion } from "../../core/dataset/dataset-reset.ts";
import type { RunId } from "../../core/run-id.ts";
import type { WatermarkValue } from "../../core/dataset/watermark.ts";
import type { CheckpointVersion, Fence, Json, RunSummary } from "../rows/run-records.ts";

export interface WatermarkKey {
  readonly job: string;
  readonly tenant: string;
  /** A job may have several; `default` when it has one. */
  readonly name: string;
}

export interface WatermarkRecord extends WatermarkKey {
  /** From 1; each change makes the next. */
  readonly version: number;
  readonly value: WatermarkValue;
  readonly atMs: number;
  readonly runId: RunId | undefined;
  /** The person, when it was one. */
  readonly changedBy: string | undefined;
  readonly reason: string | undefined;
  /** The version that was restored, where the change takes another one back. */
  readonly undoes: number | undefined;
}

/** A name comes once. */
export interface WatermarkMove {
  readonly name: string;
  readonly value: WatermarkValue;
  readonly seenVersion: number;
}

export interface UnitFailureQuery {
  readonly job: string;
  /** Of the units. */
  readonly loop: string;
  readonly limit: number;
}

export interface UnitFailure {
  readonly tenant: string;
  readonly key: string;
  readonly error: string;
  readonly runId: RunId;
  readonly atMs: number;
}

export interface CollectionQuery {
  /** Each once. */
  readonly jobs: readonly string[];
  /** Of the units. */
  readonly loop: string;
  /** Of watermarks, and of failures, of all jobs together. */
  readonly limit: number;
}

export interface CollectionFacts {
  /** In the order of the jobs, then by tenant and name. */
  readonly watermarks: readonly WatermarkRecord[];
  /** In the order of the jobs, of each the newest first. */
  readonly failures: readonly JobUnitFailure[];
  /** Jobs of which not all is among these, because of the limit. */
  readonly uncounted: readonly string[];
}

export interface JobUnitFailure extends UnitFailure {
  readonly job: string;
}

/** Answers that stood in for a service which failed. */
export interface KeptAnswers {
  readonly runId: RunId;
  /** When the oldest of them was known to be true. */
  readonly sinceMs: number;
}

export interface UnfinishedReadQuery {
  readonly job: string;
  readonly tenant: string;
  /** Only runs before this one. Default: all. */
  readonly before?: RunId;
  /** Name of the step that says how many steps `<name>:<index>` have the parts of what was read. */
  readonly step: string;
}

/** What a run has read whose watermarks may not have moved. */
export interface UnfinishedRead {
  readonly runId: RunId;
  readonly createdAtMs: number;
  readonly parts: readonly Json[];
}

export interface StateStore {
  /** The newest version. */
  findWatermark(key: WatermarkKey): Promise<WatermarkRecord | undefined>;
  /** The newest version of each of a job's watermarks, by tenant and name. */
  listWatermarks(job: string): Promise<readonly WatermarkRecord[]>;
  /** Newest first, a keyset page. */
  listWatermarkVersions(
    key: WatermarkKey,
    beforeVersion: number | undefined,
    limit: number,
  ): Promise<readonly WatermarkRecord[]>;
  /** The newest version of each watermark of a job and tenant, by name. */
  listTenantWatermarks(job: string, tenant: string): Promise<readonly WatermarkRecord[]>;
  /**
   * A run moves watermarks of its job forward, a full refresh anywhere, all of them or none. `seenVersion` is what it read (0: none):
   * if somebody changed one since, nothing is written. Of up to 20 moves the history of the run tells each, of more how many there were.
   * @returns the newest version of each, in the order of the moves
   * @throws MillraceError `RUN_LOST` | `WATERMARK_MOVED` (retried: the next attempt reads them anew) | `VALUE_INVALID` when one would go back or change its type
   */
  advanceWatermarks(fence: Fence, moves: readonly WatermarkMove[]): Promise<readonly WatermarkRecord[]>;
  /** What the newest run of a job has read that goes on from the one before it, if that run ended in ERROR. */
  findUnfinishedRead(query: UnfinishedReadQuery): Promise<UnfinishedRead | undefined>;
  /** Units that failed in the newest runs of a job, newest first. */
  listUnitFailures(query: UnitFailureQuery): Promise<readonly UnitFailure[]>;
  /** Those of the jobs that have read something in units, or tried to in their newest run, in the order given. */
  listUnitJobs(jobs: readonly string[]): Promise<readonly string[]>;
  /** Watermarks and failed units of many jobs, in a bounded number of statements. */
  readCollection(query: CollectionQuery): Promise<CollectionFacts>;
  /** Runs among these that published answers which were kept, with how old the oldest was. */
  listKeptAnswers(runs: readonly RunId[]): Promise<readonly KeptAnswers[]>;
  /** A person sets it. @throws MillraceError `VERSION_CONFLICT` unless `seenVersion` is the newest | `VALUE_INVALID` */
  setWatermark(change: WatermarkChange): Promise<WatermarkRecord>;

  /** @throws MillraceError `DATASET_RESET` when `forgetDatasets` would, as far as one can say before */
  assertForgettable(request: ForgetRequest): Promise<void>;

  /**
   * Forgets all versions of datasets and all watermarks of jobs, in one transaction.
   * @throws MillraceError `DATASET_RESET` while a run of one of the jobs executes, and for versions that came after `newest`
   */
  forgetDatasets(request: ForgetRequest): Promise<Forgotten>;

  /** Checkpoints of unfinished and failed runs of a job, newest run first, at most `limit` runs. */
  listJobCheckpoints(job: string, limit: number): Promise<readonly JobCheckpointRecord[]>;
  /**
   * A person writes the next version. @throws MillraceError `VERSION_CONFLICT` unless `seenVersion` is the newest |
   * `TRANSITION_INVALID` while the run executes, before it has executed and after it FINISHED | `RUN_UNKNOWN`
   */
  putCheckpoint(put: CheckpointPut): Promise<number>;
}

export interface ForgetRequest {
  readonly datasets: readonly string[];
  readonly jobs: readonly string[];
  /** The newest version of each dataset that was seen; those that have none are absent. */
  readonly newest: readonly PublishedVersion[];
}

/** How many there were. */
export interface Forgotten {
  readonly versions: number;
  readonly watermarks: number;
}

export interface JobCheckpointRecord {
  readonly run: RunSummary;
  /** Newest first, at most three. */
  readonly versions: readonly CheckpointVersion[];
}

export interface CheckpointPut {
  readonly runId: RunId;
  readonly seenVersion: number;
  readonly data: Json;
  readonly by: string;
  readonly reason: string;
}

export interface WatermarkChange extends WatermarkKey {
  readonly seenVersion: number;
  readonly value: WatermarkValue;
  readonly by: string;
  readonly reason: string;
  readonly undoes?: number;
}
