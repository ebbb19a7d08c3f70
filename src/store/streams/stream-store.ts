// The part of the store port that keeps topics of the embedded log, and the groups that read topics of any log.
import type {
  Assignment,
  BlockLog,
  DeadLetter,
  DeadLetterState,
  Delivery,
  GroupDeclaration,
  GroupLedger,
  GroupState,
  HeldPartition,
  ParkedRecord,
} from "../../core/stream/stream-ledger.ts";
import type { JoinLedger, JoinMeasure } from "../../core/stream/join-ledger.ts";
import type { PayloadLedger, PayloadSweep } from "../../core/stream/payload-ledger.ts";
import type { AppendedRange } from "../../core/stream/stream-log.ts";
import type { Fence } from "../rows/run-records.ts";

/** Dead letters, newest first. */
export interface DeadLetterPage {
  readonly group?: string;
  readonly topic?: string;
  readonly state?: DeadLetterState;
  /** Ids below this one. */
  readonly beforeId?: number;
  readonly limit: number;
}

/** A dead letter in a list, without its record. */
export type DeadLetterSummary = Omit<DeadLetter, "payload">;

/** Open dead letters of a group, oldest first. */
export interface DeadLetterSelection {
  readonly group: string;
  /** Default: all. */
  readonly ids?: readonly number[];
  readonly limit: number;
}

/** Where a group is to go on. */
export interface SeekPosition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly offset: number;
}

export interface TrimRequest {
  /** Drops what is too old also where a group has not read it; its members get `OFFSET_OUT_OF_RANGE`. */
  readonly force: boolean;
  /** Partitions in one transaction. */
  readonly limit: number;
}

/** Times are by the clock of the store. Errors of `BlockLog` and `GroupLedger` are told there. */
export interface StreamStore extends BlockLog, JoinLedger, PayloadLedger, PayloadSweep {
  /** @see GroupLedger @throws MillraceError `RUN_LOST` | `TOPIC_CHANGED` when the group knows another topic by that name */
  claimPartitions(fence: Fence, declaration: GroupDeclaration): Promise<Assignment>;
  releasePartitions(
    fence: Fence,
    group: string,
    partitions: readonly Pick<HeldPartition, "partition" | "epoch">[],
  ): Promise<void>;
  /** @throws MillraceError `RUN_LOST` | `PARTITION_LOST` | `TOPIC_UNKNOWN` of an append; then nothing is written */
  deliver(fence: Fence, delivery: Delivery): Promise<readonly (readonly AppendedRange[])[]>;
  listParked(query: Parameters<GroupLedger["listParked"]>[0]): Promise<readonly ParkedRecord[]>;

  /** How many keys each join holds, by partition and state. */
  listJoins(group: string): Promise<readonly JoinMeasure[]>;

  /** By name. */
  listGroups(): Promise<readonly GroupState[]>;
  findGroup(group: string): Promise<GroupState | undefined>;
  listDeadLetters(page: DeadLetterPage): Promise<readonly DeadLetterSummary[]>;
  findDeadLetter(id: number): Promise<DeadLetter | undefined>;
  /**
   * Gives open dead letters back to their own group, as parked records that are due now and were never tried. Other groups of the
   * topic do not see them again. `payload`, with one id alone, replaces the record.
   * @returns how many; call again while it is `limit`
   */
  retryDeadLetters(selection: DeadLetterSelection & { readonly payload?: Uint8Array }): Promise<number>;
  /** @returns how many */
  discardDeadLetters(selection: DeadLetterSelection): Promise<number>;
  /**
   * Moves a group. A position of another topic of the same name takes the place of those of the old one. With `force` also while
   * members live: they lose the partitions.
   * @throws MillraceError `GROUP_UNKNOWN` | `GROUP_ACTIVE`
   */
  seekGroup(group: string, positions: readonly SeekPosition[], options: { readonly force: boolean }): Promise<void>;
  /** Forgets where the group stands, its parked records and dead letters. @throws MillraceError `GROUP_UNKNOWN` | `GROUP_ACTIVE` */
  deleteGroup(group: string): Promise<void>;
  /**
   * Drops whole blocks that are older than the retention of their topic.
   * @returns how many records
   */
  trimTopics(request: TrimRequest): Promise<number>;
}
