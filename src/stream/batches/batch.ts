// A batch as its handler sees it. Records pass page by page, as often as they are asked for and each time the same; none is kept.
import { MillraceError } from "../../core/errors/errors.ts";
import { type BatchRecord, formatBatchId } from "../../core/stream/batch.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import type { Topic } from "../../core/stream/topic.ts";
import { type RangeReader, readRange, type TopicRange } from "../../core/stream/topic-reader.ts";

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
   * The records by partition and offset, read page after page: memory does not grow with the batch.
   * @throws MillraceError `RECORD_INVALID` for a value that does not fit the schema, `OFFSET_OUT_OF_RANGE` when records are gone,
   *   `TOPIC_CHANGED` | `TOPIC_UNKNOWN` when the topic is another one by now
   */
  records(): AsyncIterable<BatchEntry<Value>>;
  /** Their values. */
  values(): AsyncIterable<Value>;
}

export interface BatchReading {
  readonly reader: RangeReader;
  /** Whose records they are, by name. */
  readonly topics: ReadonlyMap<string, Topic>;
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
  { reader, topics, signal }: BatchReading,
): AsyncGenerator<BatchEntry, void> {
  for (const range of ranges) {
    const topic = topics.get(range.topic.name);
    for await (const page of readRange(reader, range, { maxBytes: pageBytes, signal })) {
      for (const record of page) yield toEntry(record, range, topic);
    }
  }
}

async function* valuesOf(entries: AsyncIterable<BatchEntry>): AsyncGenerator<unknown, void> {
  for await (const { value } of entries) yield value;
}

const decoder = new TextDecoder();

function toEntry(record: LogRecord, { topic, partition }: TopicRange, defined: Topic | undefined): BatchEntry {
  const { offset, key, timeMs } = record;
  const headers = record.headers.map(({ name, value }) => [name, value === null ? "" : decoder.decode(value)] as const);
  return {
    id: `${topic.id}/${partition}/${offset}`,
    topic: topic.name,
    partition,
    offset,
    key: key === null ? null : decoder.decode(key),
    value: toValue(record, `record ${offset} of partition ${partition} of topic \`${topic.name}\``, defined),
    headers: Object.fromEntries(headers),
    eventTime: new Date(timeMs),
  };
}

function toValue({ value }: LogRecord, what: string, topic: Topic | undefined): unknown {
  const json = value === null ? null : parseJson(what, decoder.decode(value));
  if (topic === undefined) return json;
  const checked = topic.schema.safeParse(json);
  if (checked.success) return checked.data;
  const path = checked.error.issues[0]?.path ?? [];
  const place = path.length === 0 ? "" : `, at: \`${path.map(String).join(".").slice(0, 200)}\``;
  throw new MillraceError("RECORD_INVALID", `${what} does not fit the schema${place}`, { hint: invalidHint });
}

const invalidHint =
  "accept it in the schema and retry the run, or read the batch with `batch.records()` of a topic without a schema; `millrace batch give-up` leaves the whole batch out";

function parseJson(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MillraceError("RECORD_INVALID", `${what} is no JSON`, { hint: invalidHint });
  }
}
