// Topics in memory, for tests of what reads them: records by partition, read in pages as a log gives them.
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { LogRead, RecordsRead, TopicState } from "../../../src/core/stream/stream-log.ts";
import { type LogRecord, sizeOfRecord } from "../../../src/core/stream/stream-record.ts";
import { type TopicName, toTopicName } from "../../../src/core/stream/topic-name.ts";
import type { TopicRange, TopicReader } from "../../../src/core/stream/topic-reader.ts";

const encoder = new TextEncoder();

/** What a test gives of a record. */
export interface GivenRecord {
  /** Written as JSON; a text starting with `!` is taken as it is, without that. */
  readonly value: unknown;
  readonly key?: string | null;
  readonly timeMs?: number;
}

export class MemoryTopics implements TopicReader {
  readonly #topics = new Map<string, { readonly id: string; readonly partitions: LogRecord[][] }>();
  readonly #starts = new Map<string, number>();
  names: readonly string[] = [];
  /** Pages that were read. */
  reads = 0;

  declare(name: string, partitions = 1, id = `${name}-id`): void {
    this.#topics.set(name, { id, partitions: Array.from({ length: partitions }, () => []) });
  }

  append(name: string, partition: number, records: readonly GivenRecord[]): void {
    const own = this.#topics.get(name)?.partitions[partition];
    for (const { value, key = null, timeMs = 0 } of records) {
      const text = typeof value === "string" && value.startsWith("!") ? value.slice(1) : JSON.stringify(value);
      own?.push({
        offset: own.length,
        key: key === null ? null : encoder.encode(key),
        value: value === null ? null : encoder.encode(text),
        headers: [],
        timeMs,
      });
    }
  }

  async valueOf({ value }: LogRecord): Promise<Uint8Array | null> {
    return value;
  }

  admits(): boolean {
    return true;
  }

  /** Forgets records before the offset. */
  truncate(name: string, partition: number, before: number): void {
    this.#starts.set(`${name}/${partition}`, before);
  }

  async findTopic(wanted: TopicName): Promise<TopicState | undefined> {
    const name = toTopicName(wanted);
    const topic = this.#topics.get(name);
    if (topic === undefined) return undefined;
    const bounds = topic.partitions.map((records, partition) => ({
      partition,
      start: this.#starts.get(`${name}/${partition}`) ?? 0,
      end: records.length,
      bytes: undefined,
    }));
    return { name, id: topic.id, partitions: bounds.length, retentionMs: undefined, bounds };
  }

  async rangesOf(name: string): Promise<readonly TopicRange[]> {
    const topic = await this.findTopic(name);
    if (topic === undefined) throw new MillraceError("TOPIC_UNKNOWN", `no topic is called \`${name}\``);
    return topic.bounds.map(({ partition, start, end }) => {
      return { topic: { name, id: topic.id }, partition, from: start, to: end };
    });
  }

  async read({ topic, partition, from, to, maxBytes }: LogRead): Promise<RecordsRead> {
    this.reads += 1;
    const found = this.#topics.get(topic.name);
    if (found?.id !== topic.id) throw new MillraceError("TOPIC_CHANGED", `topic \`${topic.name}\` is another one`);
    const all = found.partitions[partition] ?? [];
    const start = this.#starts.get(`${topic.name}/${partition}`) ?? 0;
    if (from < start) throw new MillraceError("OFFSET_OUT_OF_RANGE", `offset \`${from}\` is before \`${start}\``);
    const records: LogRecord[] = [];
    let bytes = 0;
    for (const record of all.slice(from, to ?? all.length)) {
      bytes += sizeOfRecord(record);
      if (records.length > 0 && bytes > maxBytes) break;
      records.push(record);
    }
    return { records, next: from + records.length, start, end: all.length };
  }
}
