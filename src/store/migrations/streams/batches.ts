// Adds the batches that are made of what has come in topics.
import type { MigrationPart } from "../migration.ts";
import { portableTables } from "./portable-tables.ts";

const shared = `
-- Batches of a group, from 1. At most one of a group is open, so that they end in their order.
create table stream_batch (
  group_name text not null,
  number bigint not null,
  job text not null,
  state text not null check (state in ('open', 'done', 'given_up')),
  because text not null,
  run_id bigint not null,
  records bigint not null,
  bytes bigint not null,
  first_at bigint not null,
  min_time bigint,
  max_time bigint,
  opened_at bigint not null,
  ended_at bigint,
  ended_by text,
  result text,
  primary key (group_name, number)
);
create unique index stream_batch_open on stream_batch (group_name) where state = 'open';

-- Records [from_offset, to_offset) of a partition.
create table stream_batch_range (
  group_name text not null,
  number bigint not null,
  topic_id text not null,
  partition int not null,
  topic text not null,
  from_offset bigint not null,
  to_offset bigint not null,
  primary key (group_name, number, topic_id, partition)
);
`;

export const streamBatches: MigrationPart = portableTables(shared);
