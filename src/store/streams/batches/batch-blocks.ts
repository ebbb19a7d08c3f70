// How much of the embedded log waits, and where a batch of it ends. Both look at blocks without their payloads. The first and the last
// block of a range count by the share of their records that is in it.
import type { BatchLimits, BatchSize } from "../../../core/stream/batch.ts";
import type { TopicRange } from "../../../core/stream/topic-reader.ts";
import { all, rowList, type Script } from "../../rows/script.ts";

/** Blocks that have records of ranges, each with the part that is in its range: [first, first + portion). */
const parts = `select cast(r.value ->> 'place' as int) as place, b.topic_id, b.partition, b.first_offset, b.appended_at, b.min_time, b.max_time,
    case when b.first_offset < cast(r.value ->> 'from' as bigint) then cast(r.value ->> 'from' as bigint) else b.first_offset end as first,
    b.record_count, b.bytes,
    case when b.first_offset + b.record_count > cast(r.value ->> 'to' as bigint) then cast(r.value ->> 'to' as bigint)
        else b.first_offset + b.record_count end
      - case when b.first_offset < cast(r.value ->> 'from' as bigint) then cast(r.value ->> 'from' as bigint) else b.first_offset end
      as portion
  from (rows ?) r ordered join stream_block b on b.topic_id = r.value ->> 'topic'
    and b.partition = cast(r.value ->> 'partition' as int) and b.first_offset < cast(r.value ->> 'to' as bigint)
    and b.first_offset >= coalesce((select max(p.first_offset) from stream_block p where p.topic_id = r.value ->> 'topic'
      and p.partition = cast(r.value ->> 'partition' as int) and p.first_offset <= cast(r.value ->> 'from' as bigint)), 0)`;

const portionBytes = "(bytes * portion + record_count - 1) / record_count";

interface MeasureRow extends Required<BatchSize> {
  readonly place: number;
}

/** One question for all ranges. */
export function* measureBlocks(ranges: readonly TopicRange[]): Script<readonly (BatchSize | undefined)[]> {
  if (ranges.length === 0) return [];
  const rows = yield* all<MeasureRow>(
    `select place, cast(sum(portion) as bigint) as records, cast(sum(${portionBytes}) as bigint) as bytes,
      min(appended_at) as "firstAtMs", min(min_time) as "minTimeMs", max(max_time) as "maxTimeMs"
    from (${parts}) p where portion > 0 group by place`,
    rowList(ranges.map(toRow)),
  );
  const found = new Map(rows.map(({ place, ...size }) => [place, size]));
  return ranges.map((_, index) => found.get(index));
}

const unlimited = Number.MAX_SAFE_INTEGER;

interface CutRow {
  readonly place: number;
  readonly to: number;
}

/**
 * The ranges up to the limits, in the order in which blocks came; those of which nothing is taken are left out. A clock that was
 * set back does not change the order within a partition.
 */
export function* cutBlocks(
  ranges: readonly TopicRange[],
  { records = unlimited, bytes = unlimited, untilMs = unlimited }: BatchLimits,
): Script<readonly TopicRange[]> {
  if (ranges.length === 0) return [];
  const rows = yield* all<CutRow>(
    `select place, max(case when before_records + portion > cast(? as bigint) then first + (cast(? as bigint) - before_records)
      else first + portion end) as "to"
    from (select place, first, portion,
        sum(portion) over (order by came_at, topic_id, partition, first_offset) - portion as before_records,
        sum(${portionBytes}) over (order by came_at, topic_id, partition, first_offset) - ${portionBytes} as before_bytes, came_at
      from (select p.*, max(appended_at) over (partition by topic_id, partition order by first_offset) as came_at
        from (${parts}) p where portion > 0) came) summed
    where before_records < cast(? as bigint) and before_bytes < cast(? as bigint) and came_at <= cast(? as bigint)
    group by place`,
    records,
    records,
    rowList(ranges.map(toRow)),
    records,
    bytes,
    untilMs,
  );
  const ends = new Map(rows.map(({ place, to }) => [place, to]));
  return ranges.flatMap((range, index) => {
    const to = ends.get(index);
    return to === undefined ? [] : [{ ...range, to }];
  });
}

function toRow({ topic, partition, from, to }: TopicRange, place: number): Readonly<Record<string, string | number>> {
  return { place, topic: topic.id, partition, from, to };
}
