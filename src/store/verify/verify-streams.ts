// Invariants of streams: topics of the embedded log are whole, groups stand within them, partitions are held by members, and batches
// have their runs. Where a group stands is not compared with its batches, as people may move it.
import type { Check } from "./verify-check.ts";

const partitionOf = (alias: string): string => `coalesce(topic.name, ${alias}.topic_id) || '/' || ${alias}.partition`;

const invariant = "I12";

export const streamChecks: readonly Check[] = [
  {
    // Blocks follow each other without a gap and without an overlap.
    invariant,
    sql: `select 'topic ' || ${partitionOf("block")} || ' has a block at ' || block.first_offset || ' after one that ends at '
        || block.before_end as message
      from (select topic_id, partition, first_offset,
        lag(first_offset + record_count) over (partition by topic_id, partition order by first_offset) as before_end
        from stream_block) block
      left join stream_topic topic on topic.id = block.topic_id where block.first_offset <> block.before_end`,
  },
  {
    // They hold what may be read, and nothing behind it.
    invariant,
    sql: `select 'topic ' || ${partitionOf("head")} || ' has records ' || head.start_offset || ' to ' || head.next_offset
        || ', and blocks from ' || coalesce(held.first, 0) || ' to ' || coalesce(held.last, 0) as message
      from stream_head head left join stream_topic topic on topic.id = head.topic_id
      left join (select topic_id, partition, min(first_offset) as first, max(first_offset + record_count) as last
        from stream_block group by topic_id, partition) held
        on held.topic_id = head.topic_id and held.partition = head.partition
      where head.start_offset > head.next_offset
      or (head.start_offset < head.next_offset
        and (held.last is null or held.last <> head.next_offset or held.first > head.start_offset))
      or (held.last is not null and held.last > head.next_offset)`,
  },
  {
    // A block belongs to a partition of a topic.
    invariant,
    sql: `select 'topic ' || block.topic_id || '/' || block.partition || ' is gone and has blocks' as message
      from (select distinct topic_id, partition from stream_block) block
      left join stream_head head on head.topic_id = block.topic_id and head.partition = block.partition
      left join stream_topic topic on topic.id = block.topic_id where head.topic_id is null or topic.id is null`,
  },
  {
    // No group has passed what was never appended. Of topics on Kafka the store knows no ends.
    invariant,
    sql: `select 'group ' || at.group_name || ' stands at ' || at.next_offset || ' of topic ' || at.topic || '/' || at.partition
        || ', which ends at ' || head.next_offset as message
      from stream_offset at join stream_head head on head.topic_id = at.topic_id and head.partition = at.partition
      where at.next_offset > head.next_offset`,
  },
  {
    // What is in hand begins where the group stands.
    invariant,
    sql: `select 'group ' || group_name || ' has records up to ' || hand_to || ' of topic ' || topic || '/' || partition
        || ' in hand and stands at ' || next_offset as message
      from stream_offset where hand_to < next_offset`,
  },
  {
    // Who holds a partition is a run that works for the group, as long as it is leased.
    invariant,
    sql: `select 'run r' || held.run_id || ' holds partition ' || held.partition || ' of group ' || held.group_name
        || ', which it does not work for' as message
      from stream_lease held join lease on lease.run_id = held.run_id and lease.epoch = held.run_epoch
      left join stream_member member on member.group_name = held.group_name and member.run_id = held.run_id
        and member.run_epoch = held.run_epoch
      where member.run_id is null or held.epoch < 1`,
  },
  {
    // A holding names the run and its epoch, or neither.
    invariant,
    sql: `select 'group ' || group_name || ' has partition ' || partition || ' with half an owner' as message
      from stream_lease where (run_id is null) <> (run_epoch is null)`,
  },
  {
    // The open batch of a group is its newest.
    invariant,
    sql: `select 'group ' || open.group_name || ' has batch ' || newest.number || ' after batch ' || open.number
        || ', which is open' as message
      from stream_batch open join (select group_name, max(number) as number from stream_batch group by group_name) newest
        on newest.group_name = open.group_name
      where open.state = 'open' and newest.number > open.number`,
  },
  {
    // Its run is there, and has not finished: a batch ends before its run does, unless the handler left it with a skip.
    invariant,
    sql: `select 'group ' || batch.group_name || ' has batch ' || batch.number || ' open for run r' || batch.run_id || ', which '
        || case when run.id is null then 'is gone' else 'has finished' end as message
      from stream_batch batch left join run on run.id = batch.run_id left join outcome on outcome.run_id = batch.run_id
      where batch.state = 'open' and (run.id is null
        or (outcome.state = 'FINISHED' and coalesce(outcome.reason, '') <> 'skipped'))`,
  },
  {
    // Batches are numbered without gaps, but for old ones that were forgotten.
    invariant,
    sql: `select 'group ' || group_name || ' has ' || count(*) || ' batches, numbered ' || min(number) || ' to ' || max(number)
        as message
      from stream_batch group by group_name having count(*) <> max(number) - min(number) + 1`,
  },
  {
    // A batch has records, and none of them twice: ranges of one batch do not reach into each other, as each has a partition of its own.
    invariant,
    sql: `select 'group ' || part.group_name || ' has batch ' || part.number || ' with records ' || part.from_offset || ' to '
        || part.to_offset || ' of topic ' || part.topic || '/' || part.partition as message
      from stream_batch_range part left join stream_batch batch
        on batch.group_name = part.group_name and batch.number = part.number
      where part.from_offset >= part.to_offset or batch.number is null`,
  },
  {
    // The last append of a producer lies within its partition.
    invariant,
    sql: `select 'topic ' || ${partitionOf("mark")} || ' has an append up to ' || mark.to_offset || ' and ends at '
        || head.next_offset as message
      from stream_producer mark join stream_head head on head.topic_id = mark.topic_id and head.partition = mark.partition
      left join stream_topic topic on topic.id = mark.topic_id where mark.to_offset > head.next_offset`,
  },
];
