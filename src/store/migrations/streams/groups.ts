// Adds the groups that read topics: who reads what, how far they are, and what became of records that could not be handled.
import type { MigrationPart } from "../migration.ts";
import { portableTables } from "./portable-tables.ts";

const shared = `
-- Locked by members that claim partitions. \`shape\` is JSON: the topics of the group with their ids and numbers of partitions.
create table stream_group (
  group_name text primary key,
  job text not null,
  generation bigint not null,
  shape text not null,
  created_at bigint not null
);

-- A member lives as long as the lease of its run with that epoch.
create table stream_member (
  group_name text not null,
  run_id bigint not null,
  run_epoch bigint not null,
  joined_at bigint not null,
  primary key (group_name, run_id)
);

-- Who holds a partition number of a group, over all its topics. Free: no run, or one whose lease with that epoch is gone.
-- \`epoch\` is one more at each claim.
create table stream_lease (
  group_name text not null,
  partition int not null,
  epoch bigint not null,
  run_id bigint,
  run_epoch bigint,
  claimed_at bigint,
  primary key (group_name, partition)
);

-- Where a group stands. Records [next_offset, hand_to) are in hand, \`tries\` owners were lost while they had them.
create table stream_offset (
  group_name text not null,
  topic_id text not null,
  partition int not null,
  topic text not null,
  next_offset bigint not null,
  hand_to bigint,
  tries int not null default 0,
  max_time bigint,
  committed_at bigint,
  primary key (group_name, topic_id, partition)
);
-- What may be trimmed, and what is delivered for a partition of all topics; offsets are in no index, since they change all the time.
create index stream_offset_of_topic on stream_offset (topic_id, partition);
create index stream_offset_of_partition on stream_offset (group_name, partition);

-- Records that could not be handled.
create table stream_dead_letter (
  id identity,
  group_name text not null,
  job text not null,
  run_id bigint not null,
  code text not null,
  topic text not null,
  topic_id text not null,
  partition int not null,
  record_offset bigint not null,
  key_text text,
  attempts int not null,
  error_code text not null,
  error_message text not null,
  state text not null check (state in ('open', 'retried', 'discarded')),
  at bigint not null,
  payload bytea not null
);
create index stream_dead_letter_of_group on stream_dead_letter (group_name, state, id);
create index stream_dead_letter_of_state on stream_dead_letter (state, id);

-- Records that wait for their next try, each with those of its key behind it. A record that is parked again keeps its id, so ids
-- are in the order of the records of a key.
create table stream_parked (
  id identity,
  group_name text not null,
  topic text not null,
  topic_id text not null,
  partition int not null,
  record_offset bigint not null,
  lane_key text not null,
  due_at bigint not null,
  key_text text,
  attempts int not null,
  error_code text not null,
  error_message text not null,
  payload bytea not null,
  unique (group_name, topic_id, partition, record_offset)
);
create index stream_parked_of_partition on stream_parked (group_name, partition, id);
`;

export const streamGroups: MigrationPart = portableTables(
  shared,
  `
alter table stream_dead_letter alter column payload set storage external;
alter table stream_parked alter column payload set storage external;
alter table stream_offset set (fillfactor = 50);
`,
);
