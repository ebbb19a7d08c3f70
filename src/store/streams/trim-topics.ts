// Removes records from the start of partitions: by hand to an offset, or whole blocks by the retention of their topic.
import { all, one, rowList, run, type Script } from "../rows/script.ts";
import { forgetMarks } from "./producer-marks.ts";
import type { TrimRequest } from "./stream-store.ts";
import { explainMissing } from "./topics.ts";

const marksKeptMs = 7 * 24 * 60 * 60 * 1_000;

interface Cut {
  readonly topicId: string;
  readonly partition: number;
  readonly before: number;
}

/** Records before the offset are not read again; their blocks go as far as they hold nothing else. */
export function* truncateTopic({ topicId, partition, before }: Cut): Script<void> {
  const sql = `select start_offset as start, next_offset as "end" from stream_head where topic_id = ? and partition = ? for update`;
  const head = yield* one<{ start: number; end: number }>(sql, topicId, partition);
  if (head === undefined) throw yield* explainMissing(topicId, partition);
  const start = Math.min(before, head.end);
  if (start > head.start) yield* cutHeads([{ topicId, partition, before: start }]);
}

interface OldPartition {
  readonly topicId: string;
  readonly partition: number;
  readonly start: number;
  /** Where the first block begins that is to be kept. */
  readonly keptFrom: number;
  /** The lowest offset of a group. */
  readonly neededFrom: number | null;
}

/**
 * By the time of the append, as the times of records are what producers say: an import of last year's records is not gone at once.
 * Walks the primary key of blocks from the start of each partition to the first that is kept, so it passes what it removes.
 */
export function* trimTopics({ force, limit }: TrimRequest, nowMs: number): Script<number> {
  yield* forgetMarks(nowMs - marksKeptMs);
  const old = yield* all<OldPartition>(
    `select * from (select head.topic_id as "topicId", head.partition, head.start_offset as start,
      coalesce((select block.first_offset from stream_block block where block.topic_id = head.topic_id
        and block.partition = head.partition and block.appended_at >= ? - topic.retention_ms
        order by block.first_offset limit 1), head.next_offset) as "keptFrom",
      (select min(stream_offset.next_offset) from stream_offset where stream_offset.topic_id = head.topic_id
        and stream_offset.partition = head.partition) as "neededFrom"
    from stream_topic topic ordered join stream_head head on head.topic_id = topic.id where topic.retention_ms is not null) old
    where "keptFrom" > start order by "topicId", partition`,
    nowMs,
  );
  const cuts: (Cut & { readonly start: number })[] = [];
  for (const { topicId, partition, start, keptFrom, neededFrom } of old) {
    if (cuts.length === limit) break;
    const wanted = force || neededFrom === null ? keptFrom : Math.min(keptFrom, neededFrom);
    const before = wanted === keptFrom ? wanted : yield* startOfBlock(topicId, partition, wanted);
    if (before > start) cuts.push({ topicId, partition, before, start });
  }
  if (cuts.length === 0) return 0;
  yield* lockInOrder(cuts);
  yield* cutHeads(cuts);
  return cuts.reduce((sum, { before, start }) => sum + before - start, 0);
}

// Only whole blocks go.
function* startOfBlock(topicId: string, partition: number, offset: number): Script<number> {
  const sql =
    "select max(first_offset) as first from stream_block where topic_id = ? and partition = ? and first_offset <= ?";
  return (yield* one<{ first: number | null }>(sql, topicId, partition, offset))?.first ?? 0;
}

// In the order in which appends lock them.
function* lockInOrder(cuts: readonly Cut[]): Script<void> {
  yield* all(
    `select head.partition from (rows ?) r ordered join stream_head head
      on head.topic_id = r.value ->> 'topic' and head.partition = cast(r.value ->> 'partition' as int)
    order by head.topic_id, head.partition for update of head`,
    rowList(cuts.map(({ topicId, partition }) => ({ topic: topicId, partition }))),
  );
}

// Along the primary key of blocks, from the start of each partition to its cut.
const cutBlocks = `(rows ?) r ordered join stream_block block on block.topic_id = r.value ->> 'topic'
  and block.partition = cast(r.value ->> 'partition' as int) and block.first_offset < cast(r.value ->> 'before' as bigint)
  and block.first_offset + block.record_count <= cast(r.value ->> 'before' as bigint)`;

function* cutHeads(cuts: readonly Cut[]): Script<void> {
  const places = cuts.map(({ topicId, partition, before }) => ({ topic: topicId, partition, before }));
  const removed = yield* all<{ topicId: string; partition: number; bytes: number }>(
    `select block.topic_id as "topicId", block.partition, sum(block.bytes) as bytes from ${cutBlocks}
    group by block.topic_id, block.partition`,
    rowList(places),
  );
  const bytesOf = new Map(removed.map(({ topicId, partition, bytes }) => [`${topicId}/${partition}`, bytes]));
  yield* run(
    `delete from stream_block where (topic_id, partition, first_offset) in
      (select block.topic_id, block.partition, block.first_offset from ${cutBlocks})`,
    rowList(places),
  );
  yield* run(
    `update stream_head set start_offset = cast(r.value ->> 'before' as bigint),
      bytes = bytes - cast(r.value ->> 'bytes' as bigint)
    from (rows ?) r where stream_head.topic_id = r.value ->> 'topic'
      and stream_head.partition = cast(r.value ->> 'partition' as int)
      and stream_head.start_offset < cast(r.value ->> 'before' as bigint)`,
    rowList(places.map((place) => ({ ...place, bytes: bytesOf.get(`${place.topic}/${place.partition}`) ?? 0 }))),
  );
}
