// Records of topics as the data layer reads them: exact ranges, page after page, so that two readings of a range are the same.
import { MillraceError } from "../errors/errors.ts";
import type { LogRead, RecordsRead, TopicReference, TopicState } from "./stream-log.ts";
import type { TopicName } from "./topic-name.ts";
import type { LogRecord } from "./stream-record.ts";

/** Records [from, to) of a partition. */
export interface TopicRange {
  readonly topic: TopicReference;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** Reads ranges; a log does. */
export interface RangeReader {
  read(read: LogRead): Promise<RecordsRead>;
}

/** What a run may read of topics. */
export interface TopicReader extends RangeReader {
  /** Names under which queries of the run read records: topics among its inputs, and `batch` in a run of one. */
  readonly names: readonly string[];
  /** The records behind one of the names; the same for all attempts of the run. @throws MillraceError `TOPIC_UNKNOWN` */
  rangesOf(name: string): Promise<readonly TopicRange[]>;
  /**
   * The value that a record stands for, where it is a token for a payload. Asked only for such records.
   * @throws MillraceError `SOURCE_UNREADABLE` for one that is too large for a row, and what opening payloads fails with
   */
  valueOf(record: LogRecord, range: TopicRange): Promise<Uint8Array | null>;
  /**
   * Whether a record is a row of what queries call `name`; one that is not is kept note of.
   * @param json its value; undefined where it is no JSON
   * @throws MillraceError where such a record must not be left out
   */
  admits(name: string, record: LogRecord, range: TopicRange, json: unknown): boolean;
  /** What there is of a topic now. One that is given as it is defined is made where nobody has made it. */
  findTopic(topic: TopicName): Promise<TopicState | undefined>;
}

export interface RangeReading {
  /** Bytes of a page, at least one record long. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * The records of a range by offset, in pages of bounded size; no page is empty.
 * @throws MillraceError `OFFSET_OUT_OF_RANGE` when records of the range are gone, and what reading fails with
 */
export async function* readRange(
  reader: RangeReader,
  { topic, partition, from, to }: TopicRange,
  { maxBytes, signal }: RangeReading,
): AsyncGenerator<readonly LogRecord[], void> {
  for (let next = from; next < to;) {
    signal.throwIfAborted();
    const read = await reader.read({ topic, partition, from: next, to, maxBytes, signal });
    const records = read.records.filter(({ offset }) => offset < to);
    if (records.length > 0) yield records;
    if (read.next <= next) throw cutShort(topic.name, partition, { to, end: read.end });
    next = read.next;
  }
}

function cutShort(
  topic: string,
  partition: number,
  { to, end }: { readonly to: number; readonly end: number },
): MillraceError {
  return new MillraceError(
    "OFFSET_OUT_OF_RANGE",
    `expected partition ${partition} of topic \`${topic}\` to have records up to \`${to}\`, its end is: \`${end}\``,
    { hint: "the log has lost records that it had; restore it, or give the range up" },
  );
}
