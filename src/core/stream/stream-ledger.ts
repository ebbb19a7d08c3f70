// What the store keeps of groups: who reads which partition, how far, and what became of records that could not be handled.
// A partition number of a group is held by one run at a time, over all topics of the group; each holding has an epoch of its
// own, and whatever a member writes is refused when the epoch is not its own any more.
import type { ReplayLedger } from "./replay.ts";
import type { NewDeadLetter, SetAsideRecord } from "./set-aside-record.ts";
import type { BatchLedger } from "./batch.ts";
import type { JoinDelivery, JoinLedger } from "./join-ledger.ts";
import type { PayloadLedger } from "./payload-ledger.ts";
import type { AppendedRange, PartitionBounds, TopicDeclaration, TopicState } from "./stream-log.ts";

/** What a block of records looks like to the store: bytes that it does not look into. */
export interface RecordBlock {
  readonly partition: number;
  readonly count: number;
  /** Of keys, values and headers, before compression. */
  readonly bytes: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly payload: Uint8Array;
  /** What its values name of the payload store, see `findPayloadHashes`. Default: nothing. */
  readonly hashes?: readonly string[];
}

export interface BlockAppend {
  readonly topicId: string;
  readonly blocks: readonly RecordBlock[];
  readonly mark?: { readonly producer: string; readonly sequence: number };
}

export interface BlockRead {
  readonly topicId: string;
  readonly partition: number;
  readonly from: number;
  /** Of records before compression, as blocks say; one block comes whatever its size. */
  readonly maxBytes: number;
}

export interface StoredBlock {
  readonly firstOffset: number;
  readonly count: number;
  readonly payload: Uint8Array;
}

export interface BlocksRead {
  /** By offset; the first may begin before `from`. */
  readonly blocks: readonly StoredBlock[];
  readonly start: number;
  readonly end: number;
}

/** The embedded log's share of the store. Errors are those of `StreamLog`. */
export interface BlockLog {
  declareTopic(declaration: TopicDeclaration): Promise<TopicState>;
  findTopic(name: string): Promise<TopicState | undefined>;
  listTopics(): Promise<readonly TopicState[]>;
  /** Bounds of topics by id, one question for all. Those that are gone are absent. */
  readBounds(topicIds: readonly string[]): Promise<ReadonlyMap<string, readonly PartitionBounds[]>>;
  appendBlocks(appends: readonly BlockAppend[]): Promise<readonly (readonly AppendedRange[])[]>;
  readBlocks(read: BlockRead): Promise<BlocksRead>;
  /** The block that holds the first record at or after the time, if there is one. */
  findBlockAt(at: {
    readonly topicId: string;
    readonly partition: number;
    readonly timeMs: number;
  }): Promise<StoredBlock | undefined>;
  truncateTopic(at: { readonly topicId: string; readonly partition: number; readonly before: number }): Promise<void>;
  deleteTopic(topicId: string): Promise<void>;
}

/** A group as its members declare it. */
export interface GroupDeclaration {
  readonly group: string;
  readonly job: string;
  /** Of the same number of partitions where there are several. */
  readonly topics: readonly GroupTopic[];
  /** Where a partition begins that the group has no offset of. */
  readonly startAt: "earliest" | "latest";
}

export interface GroupTopic {
  readonly name: string;
  readonly id: string;
  readonly bounds: readonly PartitionBounds[];
}

/** One run's hold on a partition number of its group. */
export interface HeldPartition {
  readonly partition: number;
  readonly epoch: number;
  /** One of each topic of the group. */
  readonly positions: readonly GroupPosition[];
}

export interface GroupPosition {
  readonly topicId: string;
  readonly offset: number;
  /**
   * Records [offset, to) were in hand when an owner before this one was lost; the first of them `tries` times. Absent: none. They are
   * handled one by one, each with a move that keeps `handTo`, so that the one that ends its process is found: a move that stays keeps
   * the count, one that goes on within the range begins the next record with one. Zero tries: an owner gave them back, or has them.
   * Of an owner that put them down while others took their turn it is the first alone.
   */
  readonly inHand?: { readonly to: number; readonly tries: number };
}

export interface Assignment {
  /** Grows when members or topics change. */
  readonly generation: number;
  readonly members: number;
  readonly held: readonly HeldPartition[];
  /** Those of `held` that this member is to give back when what it has in hand is done. */
  readonly surplus: readonly number[];
}

/** What a member writes when it has handled records: all of it or none. */
export interface Delivery {
  readonly group: string;
  readonly partitions: readonly PartitionDelivery[];
  /** Records for topics of the embedded log. */
  readonly appends: readonly BlockAppend[];
  readonly deadLetters: readonly NewDeadLetter[];
  readonly parked: readonly NewParkedRecord[];
  /** Ids of parked records that are done. */
  readonly unparked: readonly number[];
  /** Parked records that stay for another try, or whose next try begins now. */
  readonly reparked: readonly ParkedTry[];
  /** Of a join. */
  readonly joins?: JoinDelivery;
}

/** What becomes of a parked record; its id and its place stay. */
export interface ParkedTry {
  readonly id: number;
  readonly attempts: number;
  readonly dueInMs: number;
}

export interface PartitionDelivery {
  readonly partition: number;
  readonly epoch: number;
  readonly moves: readonly PositionMove[];
}

export interface PositionMove {
  readonly topicId: string;
  /** Where the group stands, as the member knows it. */
  readonly from: number;
  /** Where it goes; `from` where only what is in hand changes. */
  readonly to: number;
  /** Where the records end that the member takes in hand next: [to, handTo). Absent: none. */
  readonly handTo?: number;
  /** The greatest event time so far. */
  readonly maxTimeMs?: number;
}

/** Waits for its next try, and all of its key behind it. */
export interface NewParkedRecord extends SetAsideRecord {
  /** What the order of records is kept by. */
  readonly laneKey: string;
  readonly dueInMs: number;
}

export interface ParkedRecord extends SetAsideRecord {
  readonly id: number;
  readonly laneKey: string;
  readonly dueAtMs: number;
}

export type DeadLetterState = "open" | "retried" | "discarded";

export interface DeadLetter extends NewDeadLetter {
  readonly id: number;
  readonly group: string;
  readonly job: string;
  readonly runId: number;
  readonly atMs: number;
  readonly state: DeadLetterState;
}

/** A group as people look at it. */
export interface GroupState {
  readonly group: string;
  readonly job: string;
  readonly generation: number;
  readonly members: readonly {
    readonly runId: number;
    readonly joinedAtMs: number;
    readonly partitions: readonly number[];
  }[];
  readonly positions: readonly {
    readonly topicId: string;
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    readonly epoch: number;
    readonly committedAtMs: number | undefined;
    readonly maxTimeMs: number | undefined;
  }[];
  readonly parked: number;
  readonly openDeadLetters: number;
}

/** What a member does for its group. Each is refused with `RUN_LOST` when the lease of the run is gone. */
export interface GroupLedger {
  /** Makes the run a member, claims its fair share of what is free and tells what it holds. Called again and again. */
  claimPartitions(declaration: GroupDeclaration): Promise<Assignment>;
  /** Gives partitions back; those whose epoch is another one stay as they are. */
  releasePartitions(
    group: string,
    partitions: readonly { readonly partition: number; readonly epoch: number }[],
  ): Promise<void>;
  /** @throws MillraceError `PARTITION_LOST` (retried: the partition is somebody else's; nothing was written) */
  deliver(delivery: Delivery): Promise<readonly (readonly AppendedRange[])[]>;
  /** Those of held partitions, by offset. A keyset page. */
  listParked(query: {
    readonly group: string;
    readonly partition: number;
    readonly afterId: number;
    readonly limit: number;
  }): Promise<readonly ParkedRecord[]>;
}

/** What a run may ask of the store for streams. */
export interface StreamPort extends BlockLog, GroupLedger, JoinLedger, PayloadLedger, BatchLedger, ReplayLedger {}
