// Offsets that hold no record: nobody makes a batch of them, and a group that stood before them would never have read all.
import type { TopicRange } from "../../../core/stream/topic-reader.ts";
import { one, rowList, run, type Script } from "../../rows/script.ts";

/** Ranges that the group does not stand at the beginning of stay; all do while a batch is open. */
export function* passHoles(group: string, ranges: readonly TopicRange[], nowMs: number): Script<void> {
  yield* one("select group_name from stream_group where group_name = ? for update", group);
  const open = yield* one("select number from stream_batch where group_name = ? and state = 'open'", group);
  if (open !== undefined) return;
  yield* run(
    `update stream_offset set next_offset = cast(r.value ->> 'to' as bigint), committed_at = cast(? as bigint) from (rows ?) r
    where stream_offset.group_name = ? and stream_offset.topic_id = r.value ->> 'topic'
      and stream_offset.partition = cast(r.value ->> 'partition' as int)
      and stream_offset.next_offset = cast(r.value ->> 'from' as bigint)`,
    nowMs,
    rowList(ranges.map(({ topic, partition, from, to }) => ({ topic: topic.id, partition, from, to }))),
    group,
  );
}
