// The log port: topics, and reading and appending of records. Every adapter passes tests/conformance/streams/log.
import type { LogRecord, PartitionRecords } from "./stream-record.ts";

/** What a project says of a topic. */
export interface TopicDeclaration {
  readonly name: string;
  readonly partitions: number;
  /** Undefined: records are kept until somebody trims the topic. */
  readonly retentionMs: number | undefined;
}

/** A topic as it is now. Another topic that is made under the name of a deleted one has another id. */
export interface TopicState extends TopicDeclaration {
  /** A UUID. Offsets mean nothing without it. */
  readonly id: string;
  /** By number, from 0. */
  readonly bounds: readonly PartitionBounds[];
}

export interface PartitionBounds {
  readonly partition: number;
  /** The first offset that may still be read. */
  readonly start: number;
  /** One past the last that a reader sees; the position of one who has read all. */
  readonly end: number;
  /** Of what is kept, before compression; undefined where the log does not tell. */
  readonly bytes: number | undefined;
}

/** A topic as readers and writers name it: by the id that they have seen. */
export interface TopicReference {
  readonly name: string;
  readonly id: string;
}

/** An append that may be tried again: the same producer and sequence, of one partition, are appended once. */
export interface ProducerMark {
  readonly producer: string;
  /** Rises with each append of the producer. */
  readonly sequence: number;
}

export interface LogAppend {
  readonly topic: TopicReference;
  readonly parts: readonly PartitionRecords[];
  readonly mark?: ProducerMark;
}

/** Offsets that records got: [from, to). */
export interface AppendedRange {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

export interface LogRead {
  readonly topic: TopicReference;
  readonly partition: number;
  readonly from: number;
  /** Nothing at or past it is returned. Default: the end. */
  readonly to?: number;
  /** At least one record is returned where there is one, whatever its size. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

export interface RecordsRead {
  readonly records: readonly LogRecord[];
  /** Where the next read begins: past all that was looked at, also where it held no record. */
  readonly next: number;
  readonly start: number;
  readonly end: number;
}

/**
 * A log. Appends are durable and visible as a whole when the promise resolves; readers see committed records only.
 * @throws MillraceError everywhere: `TOPIC_UNKNOWN` · `TOPIC_CHANGED` when the id is not the topic's any more ·
 * `OFFSET_OUT_OF_RANGE` for reads before the start or past the end · `LOG_UNAVAILABLE` (retried) · `DISK_FULL`
 */
export interface StreamLog extends AsyncDisposable {
  readonly kind: "embedded" | "kafka";
  /**
   * Makes the topic, or brings an existing one to what is said: partitions can be raised, never lowered.
   * @throws MillraceError `TOPIC_MISMATCH`
   */
  declareTopic(declaration: TopicDeclaration): Promise<TopicState>;
  findTopic(name: string): Promise<TopicState | undefined>;
  /** By name. */
  listTopics(): Promise<readonly TopicState[]>;
  /** All parts or none. @throws MillraceError `RECORD_TOO_LARGE` before anything is sent */
  append(append: LogAppend): Promise<readonly AppendedRange[]>;
  /** Resolves at once, with no record where there is none yet. */
  read(read: LogRead): Promise<RecordsRead>;
  /** Resolves when one of the positions may have records, after `timeoutMs`, or when the signal aborts. */
  waitForRecords(positions: readonly LogPosition[], options: LogWait): Promise<void>;
  /** The first offset whose record, or one before it, has a time at or after `timeMs`; the end where there is none. */
  offsetAt(topic: TopicReference, partition: number, timeMs: number): Promise<number>;
  /** Forgets records before the offset. */
  truncate(topic: TopicReference, partition: number, before: number): Promise<void>;
  deleteTopic(topic: TopicReference): Promise<void>;
  /** Tells the log how far a group is, for those who look at it with the log's own tools. Nothing depends on it; it does not fail. */
  publishOffsets?(group: string, positions: readonly LogPosition[]): void;
  /**
   * Of a log with transactions of its own: begins to deliver for a partition of a group. Whoever did so before is fenced from here
   * on; what it wrote last is found in the positions that are returned, which may be ahead of the store's.
   */
  takeOver?(place: GroupPlace, positions: readonly LogPosition[]): Promise<readonly LogPosition[]>;
  /**
   * Appends records and moves the positions behind what they were made of, both or neither. The store's position follows after it.
   * @throws MillraceError `PARTITION_LOST` when somebody else has taken the partition over · `LOG_UNAVAILABLE` when it is not known
   * whether it was written: take the partition over again
   */
  deliverProduced?(delivery: ProducedDelivery): Promise<readonly (readonly AppendedRange[])[]>;
}

/** A partition number of a group, over all its topics. */
export interface GroupPlace {
  readonly group: string;
  readonly partition: number;
}

export interface ProducedDelivery {
  readonly place: GroupPlace;
  readonly moves: readonly {
    readonly topic: TopicReference;
    readonly partition: number;
    readonly from: number;
    readonly to: number;
  }[];
  readonly appends: readonly LogAppend[];
}

export interface LogPosition {
  readonly topic: TopicReference;
  readonly partition: number;
  readonly offset: number;
}

export interface LogWait {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}
