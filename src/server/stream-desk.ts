// Defines what the server needs for people who look at topics and work on them; the composition root provides it.
import type { ProduceResult } from "../core/stream/job-streams.ts";
import type { StreamLog } from "../core/stream/stream-log.ts";
import type { LogRecord } from "../core/stream/stream-record.ts";
import type { Topic } from "../core/stream/topic.ts";
import type { Json } from "../store/rows/run-records.ts";

/** A value on its way into a topic, as somebody outside of a run gives it. */
export interface GivenRecord {
  readonly value: Json;
  /** In place of the key of the definition, where the project has none for the topic. */
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** In place of the time of the definition. Undefined: now. */
  readonly atMs: number | undefined;
}

export interface ProduceCall {
  readonly records: readonly GivenRecord[];
  /** The same text again appends nothing, and gives what it gave before. */
  readonly idempotencyKey: string | undefined;
}

/** What a copy of a local store has told of itself last. */
export interface LocalStoreStatus {
  readonly store: string;
  readonly topic: string;
  /** The run whose copy it is: `r42`. */
  readonly run: string;
  readonly state: "building" | "serving" | "failed" | "closed";
  readonly atMs: number;
  readonly asOfMs: number | null;
  /** Null: it has never held all of its topic. */
  readonly behindMs: number | null;
  readonly bytes: number;
  readonly snapshotAtMs: number | null;
  readonly positions: readonly { readonly partition: number; readonly offset: number; readonly end: number }[];
  readonly error: string | null;
}

export interface StreamDesk {
  /** Of the project, opened when it is asked for first. @throws MillraceError `LOG_UNAVAILABLE` */
  log(): Promise<StreamLog>;
  /** Those that jobs of the project name, by name, as they are now. */
  topics(): ReadonlyMap<string, Topic>;
  /** All records or none. @throws MillraceError `TOPIC_UNKNOWN` | `RECORD_INVALID` with the place of the record | `RECORD_TOO_LARGE` */
  produce(topic: string, call: ProduceCall): Promise<ProduceResult>;
  /** Those on this machine. */
  stores(): Promise<readonly LocalStoreStatus[]>;
  /** A record that was set aside, of its bytes. */
  decode(payload: Uint8Array): LogRecord;
  /** The bytes of the same record with another value. @throws MillraceError `RECORD_INVALID` for one that the topic does not take */
  replaceValue(topic: string, payload: Uint8Array, value: Json): Uint8Array;
}
