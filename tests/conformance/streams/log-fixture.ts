// What the suite of the log port needs of an adapter, and short ways to write and read.
import { randomUUID } from "node:crypto";
import type { AppendedRange, StreamLog, TopicState } from "../../../src/core/stream/stream-log.ts";
import type { LogRecord, NewRecord } from "../../../src/core/stream/stream-record.ts";

export interface LogUnderTest extends AsyncDisposable {
  readonly log: StreamLog;
  /** Another client of the same log, as another process has. */
  readonly other: StreamLog;
}

export type CreateLog = () => Promise<LogUnderTest>;

/** What adapters may differ in. */
export interface LogTraits {
  /** A record of this size is too large. */
  readonly tooLargeBytes: number;
  /** Whether a mark of a producer holds beyond the client that gave it. */
  readonly keepsMarks: boolean;
  /** Whether the headers of a record may have 4 MB. */
  readonly takesLargeHeaders: boolean;
  /** Partitions of a topic that the log makes within a second. */
  readonly manyPartitions: number;
}

export async function newTopic({ log }: LogUnderTest, partitions = 1): Promise<TopicState> {
  const name = `t_${randomUUID().replaceAll("-", "")}`;
  return await log.declareTopic({ name, partitions, retentionMs: undefined });
}

export function newRecord(value: string | null, more: Partial<NewRecord> = {}): NewRecord {
  return {
    key: null,
    value: value === null ? null : Buffer.from(value),
    headers: [],
    timeMs: Date.now(),
    ...more,
  };
}

export function newRecords(count: number, prefix = ""): readonly NewRecord[] {
  return Array.from({ length: count }, (_, index) => newRecord(`${prefix}${index}`));
}

export async function append(
  log: StreamLog,
  topic: TopicState,
  records: readonly NewRecord[],
  partition = 0,
): Promise<AppendedRange> {
  const [range] = await log.append({ topic, parts: [{ partition, records }] });
  if (range === undefined) throw new Error("no range");
  return range;
}

/** All of a partition from an offset on, read by read. */
export async function readAll(
  log: StreamLog,
  topic: TopicState,
  partition = 0,
  from = 0,
  to?: number,
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (let at = from; ;) {
    const read = await log.read({
      topic,
      partition,
      from: at,
      maxBytes: 1_000_000,
      ...(to === undefined ? {} : { to }),
    });
    records.push(...read.records);
    if (read.next === at || read.next >= (to ?? read.end)) return records;
    at = read.next;
  }
}

export function texts(records: readonly LogRecord[]): readonly (string | null)[] {
  return records.map(({ value }) => (value === null ? null : Buffer.from(value).toString()));
}
