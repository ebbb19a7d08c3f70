// What producers appended last, so that an append that is tried again is not there twice. Read and written under the locks of heads.
import type { BlockAppend } from "../../core/stream/stream-ledger.ts";
import type { AppendedRange } from "../../core/stream/stream-log.ts";
import { all, rowList, run, type Script } from "../rows/script.ts";

/** What a producer appended to one partition. */
export interface MarkedPart {
  readonly topicId: string;
  readonly producer: string;
  readonly sequence: number;
  readonly range: AppendedRange;
}

/** By `topic id/partition`, then by producer. No statement where no append is marked. */
export function* findAppended(
  appends: readonly BlockAppend[],
): Script<ReadonlyMap<string, ReadonlyMap<string, MarkedPart>>> {
  const found = new Map<string, Map<string, MarkedPart>>();
  const asked = appends.flatMap(({ topicId, blocks, mark }) =>
    mark === undefined
      ? []
      : [...new Set(blocks.map(({ partition }) => partition))].map((partition) => ({
          topic: topicId,
          partition,
          producer: mark.producer,
        })),
  );
  if (asked.length === 0) return found;
  const rows = yield* all<MarkRow>(
    `select mark.topic_id as "topicId", mark.partition, mark.producer, mark.sequence, mark.from_offset as "from", mark.to_offset as "to"
    from (rows ?) r ordered join stream_producer mark on mark.topic_id = r.value ->> 'topic'
      and mark.partition = cast(r.value ->> 'partition' as int) and mark.producer = r.value ->> 'producer'`,
    rowList(asked),
  );
  for (const { topicId, partition, producer, sequence, from, to } of rows) {
    const key = `${topicId}/${partition}`;
    const marks = found.get(key) ?? new Map<string, MarkedPart>();
    found.set(key, marks.set(producer, { topicId, producer, sequence, range: { partition, from, to } }));
  }
  return found;
}

type MarkRow = Omit<MarkedPart, "range"> & AppendedRange;

/** The last of each producer and partition stays. Those that were done before are as they were. */
export function* recordMarks(marked: readonly MarkedPart[], nowMs: number): Script<void> {
  if (marked.length === 0) return;
  const last = new Map(marked.map((mark) => [`${mark.topicId}/${mark.range.partition}/${mark.producer}`, mark]));
  const rows = [...last.values()].map(({ topicId, producer, sequence, range }) => ({
    topic: topicId,
    producer,
    sequence,
    partition: range.partition,
    from: range.from,
    to: range.to,
  }));
  yield* run(
    `insert into stream_producer (topic_id, partition, producer, sequence, from_offset, to_offset, at)
    select r.value ->> 'topic', cast(r.value ->> 'partition' as int), r.value ->> 'producer', cast(r.value ->> 'sequence' as bigint),
      cast(r.value ->> 'from' as bigint), cast(r.value ->> 'to' as bigint), cast(? as bigint) from (rows ?) r where true
    on conflict (topic_id, partition, producer) do update set sequence = excluded.sequence, from_offset = excluded.from_offset,
      to_offset = excluded.to_offset, at = excluded.at where excluded.sequence > stream_producer.sequence`,
    nowMs,
    rowList(rows),
  );
}

/** Appends that are tried again are tried within days. */
export function* forgetMarks(beforeMs: number): Script<void> {
  yield* run("delete from stream_producer where at < ?", beforeMs);
}
