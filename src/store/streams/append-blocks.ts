// Appends to the embedded log. The head of a partition is locked until the commit, so offsets are dense and in the order of commits:
// who reads up to the end of a partition has seen all that is below it, for ever.
import type { BlockAppend, RecordBlock } from "../../core/stream/stream-ledger.ts";
import type { AppendedRange } from "../../core/stream/stream-log.ts";
import { all, rowList, run, type Script } from "../rows/script.ts";
import { referToPayloads } from "./held/payloads.ts";
import { packedPayload, packPayloads } from "./pack-payloads.ts";
import { findAppended, type MarkedPart, recordMarks } from "./producer-marks.ts";
import { explainMissing, topicUnknown } from "./topics.ts";

interface Head {
  readonly topicId: string;
  readonly partition: number;
  readonly next: number;
  readonly bytes: number;
  readonly highTimeMs: number;
}

interface PlacedBlock {
  readonly topicId: string;
  readonly block: RecordBlock;
  readonly firstOffset: number;
  readonly highTimeMs: number;
}

/**
 * Appends all of it, in three statements however many blocks there are; two more where appends are marked.
 * @returns for each append a range for each of its partitions, in the order of the partitions' first blocks
 * @throws MillraceError `TOPIC_UNKNOWN`
 */
export function* appendBlocks(
  appends: readonly BlockAppend[],
  nowMs: number,
): Script<readonly (readonly AppendedRange[])[]> {
  const heads = yield* lockHeads(appends);
  const done = yield* findAppended(appends);
  const placed: PlacedBlock[] = [];
  const marked: MarkedPart[] = [];
  const ranges = appends.map(({ topicId, blocks, mark }) => {
    const own = new Map<number, AppendedRange>();
    for (const block of blocks) {
      const { partition, count } = block;
      const before = mark === undefined ? undefined : done.get(keyOf(topicId, partition))?.get(mark.producer);
      if (mark !== undefined && before !== undefined && before.sequence >= mark.sequence) {
        own.set(
          partition,
          before.sequence === mark.sequence ? before.range : { ...before.range, from: before.range.to },
        );
        continue;
      }
      const head = heads.get(keyOf(topicId, partition));
      if (head === undefined) throw topicUnknown(topicId);
      const highTimeMs = Math.max(head.highTimeMs, block.maxTimeMs);
      placed.push({ topicId, block, firstOffset: head.next, highTimeMs });
      own.set(partition, { partition, from: own.get(partition)?.from ?? head.next, to: head.next + count });
      const bytes = head.bytes + block.bytes;
      heads.set(keyOf(topicId, partition), { topicId, partition, next: head.next + count, bytes, highTimeMs });
    }
    const found = [...own.values()];
    if (mark !== undefined) marked.push(...found.map((range) => ({ topicId, ...mark, range })));
    return found;
  });
  if (placed.length > 0) {
    yield* insertBlocks(placed, nowMs);
    yield* referTo(placed);
    yield* moveHeads(placed, heads);
    yield* recordMarks(marked, nowMs);
  }
  return ranges;
}

// Always in the order of topic and partition, so that two that append to the same partitions wait for each other and never in a circle.
function* lockHeads(appends: readonly BlockAppend[]): Script<Map<string, Head>> {
  const places = new Map<string, { topic: string; partition: number }>();
  for (const { topicId, blocks } of appends) {
    for (const { partition } of blocks) places.set(keyOf(topicId, partition), { topic: topicId, partition });
  }
  if (places.size === 0) return new Map();
  const rows = yield* all<Omit<Head, "highTimeMs"> & { readonly highTimeMs: number | null }>(
    `select head.topic_id as "topicId", head.partition, head.next_offset as next, head.bytes, head.high_time as "highTimeMs"
    from (rows ?) r ordered join stream_head head
      on head.topic_id = r.value ->> 'topic' and head.partition = cast(r.value ->> 'partition' as int)
    order by head.topic_id, head.partition for update of head`,
    rowList([...places.values()]),
  );
  const heads = new Map(
    rows.map((row) => [keyOf(row.topicId, row.partition), { ...row, highTimeMs: row.highTimeMs ?? -maxTimeMs }]),
  );
  const missing = [...places.values()].find(({ topic, partition }) => !heads.has(keyOf(topic, partition)));
  if (missing !== undefined) throw yield* explainMissing(missing.topic, missing.partition);
  return heads;
}

const maxTimeMs = 8_640_000_000_000_000;

function* insertBlocks(placed: readonly PlacedBlock[], nowMs: number): Script<void> {
  const { bytes, places } = packPayloads(placed.map(({ block }) => block.payload));
  const rows = placed.map(({ topicId, block, firstOffset, highTimeMs }, index) => ({
    topic: topicId,
    partition: block.partition,
    first: firstOffset,
    count: block.count,
    bytes: block.bytes,
    min: block.minTimeMs,
    max: block.maxTimeMs,
    high: highTimeMs,
    ...places[index],
  }));
  yield* run(
    `insert into stream_block (topic_id, partition, first_offset, record_count, bytes, stored_bytes, min_time, max_time,
      high_time, appended_at, payload)
    select r.value ->> 'topic', cast(r.value ->> 'partition' as int), cast(r.value ->> 'first' as bigint),
      cast(r.value ->> 'count' as int), cast(r.value ->> 'bytes' as bigint), cast(r.value ->> 'size' as int),
      cast(r.value ->> 'min' as bigint), cast(r.value ->> 'max' as bigint), cast(r.value ->> 'high' as bigint),
      cast(? as bigint), ${packedPayload} from (rows ?) r`,
    nowMs,
    bytes,
    rowList(rows),
  );
}

/** A block that names payloads keeps them. */
function* referTo(placed: readonly PlacedBlock[]): Script<void> {
  yield* referToPayloads(
    placed.map(({ topicId, block, firstOffset }) => ({
      kind: "block",
      scope: topicId,
      partition: block.partition,
      place: firstOffset,
      item: "",
      hashes: block.hashes ?? [],
    })),
  );
}

function* moveHeads(placed: readonly PlacedBlock[], heads: ReadonlyMap<string, Head>): Script<void> {
  const moved = new Set(placed.map(({ topicId, block }) => keyOf(topicId, block.partition)));
  const rows = [...moved].map((key) => {
    const head = heads.get(key);
    return {
      topic: head?.topicId ?? null,
      partition: head?.partition ?? null,
      next: head?.next ?? null,
      bytes: head?.bytes ?? null,
      high: head?.highTimeMs ?? null,
    };
  });
  yield* run(
    `update stream_head set next_offset = cast(r.value ->> 'next' as bigint), bytes = cast(r.value ->> 'bytes' as bigint),
      high_time = cast(r.value ->> 'high' as bigint)
    from (rows ?) r where stream_head.topic_id = r.value ->> 'topic'
      and stream_head.partition = cast(r.value ->> 'partition' as int)`,
    rowList(rows),
  );
}

function keyOf(topicId: string, partition: number): string {
  return `${topicId}/${partition}`;
}
