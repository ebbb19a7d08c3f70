// The part of the store port that keeps batches: what waits for the next one, the one that is open, and those that are done.
import type { BatchCause, BatchLimits, BatchRecord, BatchSize } from "../../../core/stream/batch.ts";
import type { GroupDeclaration } from "../../../core/stream/stream-ledger.ts";
import type { NewDeadLetter } from "../../../core/stream/set-aside-record.ts";
import type { TopicRange } from "../../../core/stream/topic-reader.ts";
import type { Fence, Submission } from "../../rows/run-records.ts";
import type { RunId } from "../../../core/run-id.ts";

/** Where a group stands. */
export interface BatchSight {
  readonly group: string;
  /** From where it stands to the end of each partition, also where both are the same. */
  readonly waiting: readonly TopicRange[];
  /** Of the last batch; 0 before the first. */
  readonly lastNumber: number;
  readonly open: { readonly number: number; readonly runId: RunId; readonly isRunGone: boolean } | undefined;
  /** Names of topics that are not those that the group has read: deleted, and made anew. */
  readonly changedTopics: readonly string[];
}

export interface BatchLook {
  readonly seenAtMs: number;
  readonly sights: readonly BatchSight[];
}

export interface NewBatch extends BatchSize {
  readonly group: string;
  readonly number: number;
  readonly job: string;
  readonly because: BatchCause;
  /** Each begins where the group stands. */
  readonly ranges: readonly TopicRange[];
  /** One run. */
  readonly submission: Submission;
}

/** A batch that its group stands before. */
export interface OpenBatch {
  readonly group: string;
  readonly number: number;
  readonly job: string;
  readonly runId: RunId;
  readonly openedAtMs: number;
  /** `ended`: it failed or was stopped, and nobody works on the batch. `gone`: the store does not know it any more. */
  readonly run: "unfinished" | "ended" | "gone";
}

/** Another run for a batch whose run is gone. */
export interface BatchReopening {
  readonly group: string;
  readonly number: number;
  /** One run. */
  readonly submission: Submission;
}

export interface BatchPage {
  readonly group: string;
  /** Numbers below this one. */
  readonly before?: number;
  readonly limit: number;
}

export interface BatchStore {
  /**
   * Where groups stand. One that is new, or that has new partitions, is written down with where it begins; partitions that a known
   * topic has got since begin at their start.
   */
  lookAtBatches(groups: readonly GroupDeclaration[]): Promise<BatchLook>;
  /** How much lies in each of these ranges of the embedded log; `undefined` where nothing does. */
  measureBlocks(ranges: readonly TopicRange[]): Promise<readonly (BatchSize | undefined)[]>;
  /** The part of ranges of the embedded log that a batch takes, in the order in which blocks came; records are cut exactly. */
  cutBlocks(ranges: readonly TopicRange[], limits: BatchLimits): Promise<readonly TopicRange[]>;
  /**
   * Writes the batch and submits its run.
   * @returns `undefined`, and nothing is written, when the group stands elsewhere by now or has an open batch
   */
  openBatch(batch: NewBatch): Promise<RunId | undefined>;
  /**
   * Gives an open batch whose run is gone to a new one, which reads the same records.
   * @returns `undefined`, and nothing is written, when the batch is not open or its run is there
   */
  reopenBatch(reopening: BatchReopening): Promise<RunId | undefined>;
  /**
   * Moves a group past ranges without a record, as ends of transactions leave them on Kafka; those it does not stand at the beginning
   * of stay. Nothing is written while a batch is open.
   */
  passHoles(group: string, ranges: readonly TopicRange[]): Promise<void>;
  findBatch(group: string, number: number): Promise<BatchRecord | undefined>;
  /** Of all groups, by name. */
  listOpenBatches(): Promise<readonly OpenBatch[]>;
  /** Newest first. */
  listBatches(page: BatchPage): Promise<readonly BatchRecord[]>;
  /** @see BatchLedger */
  endBatch(
    fence: Fence,
    group: string,
    number: number,
    result: unknown,
    deadLetters?: readonly NewDeadLetter[],
  ): Promise<void>;
  /**
   * The group goes on behind an open batch that no run works on.
   * @throws MillraceError `BATCH_UNKNOWN` | `BATCH_CLOSED` when it is not open | `TRANSITION_INVALID` while its run executes or waits
   */
  giveUpBatch(group: string, number: number, by: string): Promise<void>;
}
