// A batch as its handler sees it. Records pass page by page, as often as they are asked for and each time the same; none is kept.
import { type BatchRecord, formatBatchId, type LeftOutRecords } from "../../core/stream/batch.ts";
import type { StreamPayloads } from "../../core/stream/stream-payloads.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import type { Topic } from "../../core/stream/topic.ts";
import { type RangeReader, readRange, type TopicRange } from "../../core/stream/topic-reader.ts";
import { hasBrokenToken, isClaimCheck } from "../claims/payloads.ts";
import { fitValue } from "./left-out.ts";

/** A record of a batch. */
export interface BatchEntry<Value = unknown> {
  /** `topic id/partition/offset`: the same at every try, to deduplicate by. */
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  /** As the schema of the topic makes it. */
  readonly value: Value;
  /** Headers as text; of those with the same name the last. */
  readonly headers: Readonly<Record<string, string>>;
  /** When it happened. */
  readonly eventTime: Date;
}

/** The records that one run works through; a retry gets the same. */
export interface Batch<Value = unknown> {
  /** `group/number`: stays the same at every try. */
  readonly id: string;
  /** From 1, in the order of the group's batches. */
  readonly number: number;
  /** How many records there are; of a log that does not count them, at most. */
  readonly count: number;
  /** Of keys, values and headers; estimated where the log does not tell. */
  readonly bytes: number;
  /** Offsets by partition: [from, to). */
  readonly ranges: readonly TopicRange[];
  /**
   * The records by partition and offset, read page after page: memory does not grow with the batch. Those whose value does not fit the
   * schema are left out, and are dead letters when the batch ends.
   * @throws MillraceError `RECORD_INVALID` when more than a thousand do not fit, `OFFSET_OUT_OF_RANGE` when records are gone,
   *   `TOPIC_CHANGED` | `TOPIC_UNKNOWN` when the topic is another one by now, `PAYLOAD_MISSING` | `PAYLOAD_ALTERED` for large values
   */
  records(): AsyncIterable<BatchEntry<Value>>;
  /** Their values. */
  values(): AsyncIterable<Value>;
}

export interface BatchReading {
  readonly reader: RangeReader;
  /** Whose records they are, by name. */
  readonly topics: ReadonlyMap<string, Topic>;
  /** Values that lie beside the log. */
  readonly payloads: Pick<StreamPayloads, "valueOf">;
  readonly leftOut: LeftOutRecords;
  readonly signal: AbortSignal;
}

/** Of records in memory at a time, before they are values. */
const pageBytes = 1024 * 1024;

/** The batch over its ranges. */
export function createBatch(record: BatchRecord, reading: BatchReading): Batch {
  const { number, records: count, bytes, ranges } = record;
  const entries = (): AsyncIterable<BatchEntry> => readEntries(ranges, reading);
  return {
    id: formatBatchId(record),
    number,
    count,
    bytes,
    ranges,
    records: entries,
    values: () => valuesOf(entries()),
  };
}

async function* readEntries(
  ranges: readonly TopicRange[],
  { reader, topics, payloads, leftOut, signal }: BatchReading,
): AsyncGenerator<BatchEntry, void> {
  for (const range of ranges) {
    const topic = topics.get(range.topic.name);
    for await (const page of readRange(reader, range, { maxBytes: pageBytes, signal })) {
      for (const record of page) {
        const fitted = fitValue(topic, record, await readJson(record, payloads, signal));
        if ("problem" in fitted) leftOut.add(range, record, fitted.problem);
        else yield toEntry(record, range, fitted.value);
      }
    }
  }
}

async function* valuesOf(entries: AsyncIterable<BatchEntry>): AsyncGenerator<unknown, void> {
  for await (const { value } of entries) yield value;
}

const decoder = new TextDecoder();

function toEntry(record: LogRecord, { topic, partition }: TopicRange, value: unknown): BatchEntry {
  const { offset, key, timeMs } = record;
  const headers = record.headers.map(({ name, value }) => [name, value === null ? "" : decoder.decode(value)] as const);
  return {
    id: `${topic.id}/${partition}/${offset}`,
    topic: topic.name,
    partition,
    offset,
    key: key === null ? null : decoder.decode(key),
    value,
    headers: Object.fromEntries(headers),
    eventTime: new Date(timeMs),
  };
}

/** Undefined where the record has no JSON, and no token for some. */
async function readJson(record: LogRecord, payloads: BatchReading["payloads"], signal: AbortSignal): Promise<unknown> {
  if (hasBrokenToken(record)) return undefined;
  const value = isClaimCheck(record) ? await payloads.valueOf(record, { signal }) : record.value;
  if (value === null) return null;
  try {
    return JSON.parse(decoder.decode(value));
  } catch {
    return undefined;
  }
}
