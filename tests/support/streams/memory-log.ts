// A log in memory, for tests of what reads topics: offsets, trimmed starts, topics made anew, and a log that is away for a while.
import { randomUUID } from "node:crypto";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type {
  AppendedRange,
  LogAppend,
  LogRead,
  RecordsRead,
  StreamLog,
  TopicDeclaration,
  TopicReference,
  TopicState,
} from "../../../src/core/stream/stream-log.ts";
import { type LogRecord, sizeOfRecord } from "../../../src/core/stream/stream-record.ts";

interface Partition {
  start: number;
  records: LogRecord[];
}

interface MemoryTopic {
  declaration: TopicDeclaration;
  readonly id: string;
  readonly partitions: Partition[];
}

/** Everything happens at once; `isAway` makes reads fail as an unreachable log does. */
export class MemoryLog implements StreamLog {
  readonly kind = "embedded";
  isAway = false;
  readonly #topics = new Map<string, MemoryTopic>();

  async declareTopic(declaration: TopicDeclaration): Promise<TopicState> {
    const topic = this.#topics.get(declaration.name) ?? { declaration, id: randomUUID(), partitions: [] };
    this.#topics.set(declaration.name, topic);
    topic.declaration = declaration;
    while (topic.partitions.length < declaration.partitions) topic.partitions.push({ start: 0, records: [] });
    return toState(topic);
  }

  async findTopic(name: string): Promise<TopicState | undefined> {
    const topic = this.#topics.get(name);
    return topic === undefined ? undefined : toState(topic);
  }

  async listTopics(): Promise<readonly TopicState[]> {
    return [...this.#topics.values()].map(toState);
  }

  async append({ topic, parts }: LogAppend): Promise<readonly AppendedRange[]> {
    const { partitions } = this.#find(topic);
    const ranges = parts.map(({ partition, records }) => {
      const into = partitions[partition];
      if (into === undefined) throw new MillraceError("INTERNAL", `no partition \`${partition}\``);
      const from = endOf(into);
      for (const record of records) into.records.push({ ...record, offset: endOf(into) });
      return { partition, from, to: endOf(into) };
    });
    return ranges;
  }

  async read({ topic, partition, from, to, maxBytes }: LogRead): Promise<RecordsRead> {
    if (this.isAway) throw new MillraceError("STORE_UNAVAILABLE", "the log is away");
    const { partitions } = this.#find(topic);
    const { start, records } = partitions[partition] ?? { start: 0, records: [] };
    const end = start + records.length;
    if (from < start || from > end) {
      throw new MillraceError("OFFSET_OUT_OF_RANGE", `the partition has ${start} to ${end}, got: \`${from}\``);
    }
    const taken: LogRecord[] = [];
    let bytes = 0;
    for (let index = from - start; index < records.length && bytes < maxBytes; index += 1) {
      const record = records[index];
      if (record === undefined || record.offset >= (to ?? end)) break;
      bytes += sizeOfRecord(record);
      taken.push(record);
    }
    return { records: taken, next: from + taken.length, start, end };
  }

  /** Those who wait look again at the next turn: a test has nobody else to wait for. */
  async waitForRecords(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  async offsetAt(topic: TopicReference, partition: number, timeMs: number): Promise<number> {
    const kept = this.#find(topic).partitions[partition] ?? { start: 0, records: [] };
    return kept.records.find((record) => record.timeMs >= timeMs)?.offset ?? endOf(kept);
  }

  async truncate(topic: TopicReference, partition: number, before: number): Promise<void> {
    const kept = this.#find(topic).partitions[partition];
    if (kept === undefined) return;
    kept.records.splice(0, Math.max(0, before - kept.start));
    kept.start = Math.max(kept.start, before);
  }

  async deleteTopic({ name }: TopicReference): Promise<void> {
    this.#topics.delete(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // nothing is open
  }

  #find({ name, id }: TopicReference): MemoryTopic {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new MillraceError("TOPIC_UNKNOWN", `no topic \`${name}\``);
    if (topic.id !== id) throw new MillraceError("TOPIC_CHANGED", `topic \`${name}\` is another one`);
    return topic;
  }
}

function endOf({ start, records }: Partition): number {
  return start + records.length;
}

function toState({ declaration, id, partitions }: MemoryTopic): TopicState {
  return {
    ...declaration,
    id,
    bounds: partitions.map((partition, number) => ({
      partition: number,
      start: partition.start,
      end: endOf(partition),
      bytes: undefined,
    })),
  };
}
