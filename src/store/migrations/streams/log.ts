// Adds the embedded log. A row of it is a block of records, which is what makes it fast on both databases.
import type { MigrationPart } from "../migration.ts";
import { portableTables } from "./portable-tables.ts";

const shared = `
-- A topic that is deleted and made again has another id, so that offsets of the old one are known to mean nothing.
create table stream_topic (
  id text primary key,
  name text not null unique,
  partitions int not null,
  retention_ms bigint,
  created_at bigint not null
);

-- One row a partition, locked by whoever appends: offsets are given out in the order of commits, so that a reader never passes
-- records that are yet to be committed. Records [start_offset, next_offset) may be read. \`bytes\` is what they take before
-- compression, \`high_time\` the greatest time of all that were ever appended.
create table stream_head (
  topic_id text not null,
  partition int not null,
  start_offset bigint not null,
  next_offset bigint not null,
  bytes bigint not null,
  high_time bigint,
  primary key (topic_id, partition)
);

-- \`high_time\` is the greatest time of this block and all before it, so it rises with the offsets whatever the times of records are.
-- The payload is last: what is asked about blocks without their records does not read it.
create table stream_block (
  topic_id text not null,
  partition int not null,
  first_offset bigint not null,
  record_count int not null,
  bytes bigint not null,
  stored_bytes int not null,
  min_time bigint not null,
  max_time bigint not null,
  high_time bigint not null,
  appended_at bigint not null,
  payload bytea not null,
  primary key (topic_id, partition, first_offset)
);
-- Where a time begins.
create index stream_block_by_time on stream_block (topic_id, partition, high_time, first_offset);

-- The last append of each producer, so that one that is tried again is not appended again.
create table stream_producer (
  topic_id text not null,
  partition int not null,
  producer text not null,
  sequence bigint not null,
  from_offset bigint not null,
  to_offset bigint not null,
  at bigint not null,
  primary key (topic_id, partition, producer)
);
create index stream_producer_by_time on stream_producer (at);
`;

export const streamLog: MigrationPart = portableTables(
  shared,
  `
-- Payloads are compressed already, or were not worth it.
alter table stream_block alter column payload set storage external;
-- Room for the next versions of rows that are written all the time, beside the last.
alter table stream_head set (fillfactor = 50);
`,
);
