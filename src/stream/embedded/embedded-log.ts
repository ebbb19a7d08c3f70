// The log port over blocks in the store: packs records into blocks, and takes them out again.
import { MillraceError } from "../../core/errors/errors.ts";
import type { Clock } from "../../core/clock.ts";
import type { BlockLog } from "../../core/stream/stream-ledger.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import type { LogRead, RecordsRead, StreamLog, TopicReference } from "../../core/stream/stream-log.ts";
import { decodeBlock, toBlocks } from "../records/record-block.ts";
import { assertRecords } from "../records/record-limits.ts";
import { HeadWatch } from "./head-watch.ts";

export interface EmbeddedLogOptions {
  readonly blocks: BlockLog;
  readonly clock: Clock;
  /** Of key, value and headers. Default 16 MiB. */
  readonly maxRecordBytes?: number;
}

/** Appends take the store's transaction, so they are as durable as all else in it. Reads return whole blocks, of up to 1 MiB or one record. */
export function createEmbeddedLog({ blocks, clock, maxRecordBytes = 16 * 1024 * 1024 }: EmbeddedLogOptions): StreamLog {
  const watch = new HeadWatch(blocks, clock);
  return {
    kind: "embedded",
    declareTopic: (declaration) => blocks.declareTopic(declaration),
    findTopic: (name) => blocks.findTopic(name),
    listTopics: () => blocks.listTopics(),
    append: async ({ topic, parts, mark }) => {
      assertRecords(topic.name, parts, maxRecordBytes);
      const append = { topicId: topic.id, blocks: toBlocks(parts), ...(mark === undefined ? {} : { mark }) };
      const [ranges = []] = await naming(blocks, topic, () => blocks.appendBlocks([append]));
      watch.wake();
      return ranges;
    },
    read: (read) => naming(blocks, read.topic, () => readRecords(blocks, read)),
    waitForRecords: (positions, wait) => watch.wait(positions, wait),
    offsetAt: (topic, partition, timeMs) => naming(blocks, topic, () => findOffset(blocks, topic, partition, timeMs)),
    truncate: (topic, partition, before) =>
      naming(blocks, topic, () => blocks.truncateTopic({ topicId: topic.id, partition, before })),
    deleteTopic: (topic) => naming(blocks, topic, () => blocks.deleteTopic(topic.id)),
    [Symbol.asyncDispose]: async () => watch.wake(),
  };
}

async function readRecords(blocks: BlockLog, read: LogRead): Promise<RecordsRead> {
  const { topic, partition, from, to = Infinity, maxBytes } = read;
  const found = await blocks.readBlocks({ topicId: topic.id, partition, from, maxBytes });
  const records: LogRecord[] = [];
  for (const block of found.blocks) {
    if (block.firstOffset >= to) break;
    const own = decodeBlock(block, from);
    if (block.firstOffset + block.count <= to) for (const record of own) records.push(record);
    else records.push(...own.filter(({ offset }) => offset < to));
  }
  return { records, next: (records.at(-1)?.offset ?? from - 1) + 1, start: found.start, end: found.end };
}

async function findOffset(blocks: BlockLog, topic: TopicReference, partition: number, timeMs: number): Promise<number> {
  const block = await blocks.findBlockAt({ topicId: topic.id, partition, timeMs });
  const bounds = (await blocks.readBounds([topic.id])).get(topic.id)?.[partition];
  if (bounds === undefined)
    throw new MillraceError("TOPIC_UNKNOWN", `topic \`${topic.name}\` has no such partition: \`${partition}\``);
  if (block === undefined) return bounds.end;
  // A block without such a record comes after one that was removed and had one.
  const record = decodeBlock(block).find((candidate) => candidate.timeMs >= timeMs);
  return Math.max(bounds.start, record?.offset ?? block.firstOffset);
}

// The store knows topics by id alone; a reader is to be told by name, and whether there is another one of that name now.
async function naming<T>(blocks: BlockLog, topic: TopicReference, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof MillraceError) || thrown.code !== "TOPIC_UNKNOWN") throw thrown;
    const other = await blocks.findTopic(topic.name);
    if (other !== undefined && other.id === topic.id) throw thrown;
    if (other === undefined) {
      throw new MillraceError("TOPIC_UNKNOWN", `topic \`${topic.name}\` was deleted`, { cause: thrown });
    }
    throw new MillraceError("TOPIC_CHANGED", `topic \`${topic.name}\` was deleted and made again`, {
      hint: "offsets of the old one mean nothing for the new one: begin anew, or say where to go on with `millrace group seek`",
      cause: thrown,
      details: { topic: topic.name, id: topic.id, newId: other.id },
    });
  }
}
