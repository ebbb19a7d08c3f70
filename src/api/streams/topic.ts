// Topics on the wire: what a log holds, its records as people look at them, and records on their way in.
import type { Instant, JsonValue } from "../page.ts";

export interface TopicView {
  readonly topic: string;
  /** A UUID; another topic made under the name of a deleted one has another. */
  readonly topic_id: string;
  readonly log: "embedded" | "kafka";
  /** Whether a definition of the project has it. */
  readonly defined: boolean;
  readonly partitions: number;
  /** Records that can still be read. */
  readonly records: number;
  /** Null where the log does not tell. */
  readonly bytes: number | null;
  readonly retention_ms: number | null;
  /** Records appended a second; null until the server has looked at it twice. */
  readonly rate_in: number | null;
  /** Records that all of its groups have committed a second; null until the server has looked at it twice. */
  readonly rate_out: number | null;
  readonly groups: readonly TopicGroupView[];
}

export interface TopicGroupView {
  readonly group: string;
  readonly job_name: string;
  /** Records that it has yet to commit. */
  readonly lag: number;
}

export interface TopicDetail extends TopicView {
  readonly bounds: readonly PartitionView[];
  /** Jobs of the project that say that they produce into it. */
  readonly produced_by: readonly string[];
}

export interface PartitionView {
  readonly partition: number;
  /** The first offset that can still be read. */
  readonly start: number;
  /** One past the last. */
  readonly end: number;
  readonly bytes: number | null;
}

export interface PeekQuery {
  /** `next_cursor` of the peek before: goes on there, whatever the place says. */
  readonly cursor?: string;
  readonly partition?: number;
  /** From this offset on; needs `partition`. */
  readonly offset?: number;
  /** From the first record at or after this time on. */
  readonly since?: Instant;
  /** Where neither `offset` nor `since` is given; default `end`: the newest. */
  readonly from?: "start" | "end";
  /** Only records of this key. */
  readonly key?: string;
  /** 1 to 500; default 50. */
  readonly limit?: number;
}

/** The bytes of a key, a value or a header, as people read them. */
export interface BytesView {
  /** `null`: the record has none, which is another thing than an empty one. */
  readonly encoding: "json" | "text" | "base64" | "null";
  /** Of `json` what it says; else null. */
  readonly json: JsonValue;
  /** Of `text` and `base64`; else null. */
  readonly text: string | null;
  readonly bytes: number;
  /** `text` has the begin only. */
  readonly truncated: boolean;
}

export interface RecordView {
  readonly partition: number;
  readonly offset: number;
  readonly at: Instant;
  readonly key: BytesView;
  readonly value: BytesView;
  readonly headers: readonly { readonly name: string; readonly value: BytesView }[];
}

export interface PeekedRecords {
  /** By time. */
  readonly items: readonly RecordView[];
  /** What comes after these, now or later; never null, as there may always be more later. */
  readonly next_cursor: string;
  /** How many records were looked at, which are more than `items` with a filter. */
  readonly looked_at: number;
  /** Whether there is nothing more now; a filter stops at a bound, and `next_cursor` goes on. */
  readonly complete: boolean;
}

export interface NewRecordView {
  readonly value: JsonValue;
  /** Of topics that the project does not define, or defines without a key. */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of topics that the project does not define, or defines without a time. Default: now. */
  readonly at?: Instant;
}

export interface ProduceRecords {
  /** 1 to 1,000: all are appended or none. */
  readonly records: readonly NewRecordView[];
  /** The same call again appends nothing; the header `Idempotency-Key` does the same. */
  readonly idempotency_key?: string;
}

export interface ProducedRecords {
  readonly topic: string;
  readonly records: number;
  readonly ranges: readonly OffsetRangeView[];
}

/** [from, to) */
export interface OffsetRangeView {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

export interface TrimTopic {
  /** Default: all. */
  readonly partition?: number;
  /** Records before this offset go; needs `partition`. */
  readonly before?: number;
  /** Records before the first one at or after this time go. */
  readonly before_time?: Instant;
  /** All that is there now goes. */
  readonly all?: boolean;
  /** Although a group has not read them. */
  readonly unread?: boolean;
  readonly preview?: boolean;
  readonly reason?: string;
}

export interface TrimmedTopic {
  readonly topic: string;
  /** What goes, or would go. */
  readonly ranges: readonly OffsetRangeView[];
  readonly records: number;
  /** Groups that have not read all of it. */
  readonly unread_by: readonly TopicGroupView[];
  readonly changed: boolean;
}

export interface TopicPath {
  readonly topic: string;
}
