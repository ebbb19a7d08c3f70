// Adds replays of stream jobs.
import type { MigrationPart } from "../migration.ts";
import { portableTables } from "./portable-tables.ts";

const shared = `
-- \`ranges\` and \`outputs\` are JSON. Where the replay stands are the offsets of its group, until it ends.
create table stream_replay (
  group_name text primary key,
  job text not null,
  state text not null check (state in ('running', 'ready', 'swapping', 'swapped', 'cancelled', 'failed')),
  ranges text not null,
  outputs text not null,
  with_effects int not null,
  swap_wanted int not null,
  run_id bigint,
  created_at bigint not null,
  created_by text not null,
  ended_at bigint,
  error text
);
create index stream_replay_of_job on stream_replay (job, created_at);
create index stream_replay_active on stream_replay (created_at) where ended_at is null;
`;

export const streamReplays: MigrationPart = portableTables(shared);
