// The first tables: insert-only wide ones, narrow hot ones, history and progress.
// A live run is in exactly one hot table, a finished one in `outcome`; wide JSON stays out of the hot tables.
import { runTablesPostgres } from "./0001-run-tables-postgres.ts";
import type { Migration } from "./migration.ts";

const sqlite = `
-- What was asked for. Insert-only.
create table run (
  id integer primary key autoincrement,
  job text not null,
  kind text not null check (kind in ('job', 'pipeline')),
  parent_run_id integer,
  root_run_id integer not null,
  params text not null,
  window_from text,
  window_to text,
  tenant text not null,
  created_by text not null,
  run_key text,
  created_at integer not null
) strict;
create index run_by_job on run (job);
create index run_by_parent on run (parent_run_id) where parent_run_id is not null;
create index run_root on run (id) where parent_run_id is null;

-- Who waits for whom. A pipeline waits for each of its jobs with policy 'continue'.
create table edge (
  parent_id integer not null,
  child_id integer not null,
  policy text not null check (policy in ('cancel', 'skip', 'continue')),
  primary key (parent_id, child_id)
) strict, without rowid;
create index edge_by_child on edge (child_id);

-- Hot: blocked by \`pending\` unfinished runs.
create table waiting (
  run_id integer primary key,
  pending integer not null,
  run_at integer,
  priority integer not null,
  epoch integer not null,
  attempt integer not null,
  has_children integer not null
) strict;

-- Hot: not before \`run_at\`.
create table scheduled (
  run_id integer primary key,
  run_at integer not null,
  reason text not null check (reason in ('scheduled', 'waiting_retry', 'waiting_poll')),
  priority integer not null,
  epoch integer not null,
  attempt integer not null,
  has_children integer not null
) strict;
create index scheduled_due on scheduled (run_at);

-- Hot: free to be claimed, in order of (priority, seq).
create table ready (
  run_id integer primary key,
  priority integer not null,
  seq integer not null,
  epoch integer not null,
  attempt integer not null,
  has_children integer not null
) strict;
create index ready_order on ready (priority, seq);

-- Hot: set aside by a person.
create table parked (
  run_id integer primary key,
  reason text,
  priority integer not null,
  epoch integer not null,
  attempt integer not null,
  has_children integer not null
) strict;

-- Hot: a worker's claim. At most the slots of all workers, so it needs no further index.
create table lease (
  run_id integer primary key,
  worker_id integer not null,
  started_at integer not null,
  priority integer not null,
  epoch integer not null,
  attempt integer not null,
  has_children integer not null
) strict;

-- How a run ended. Insert-only.
create table outcome (
  run_id integer primary key,
  state text not null check (state in ('FINISHED', 'ERROR')),
  reason text,
  epoch integer not null,
  attempt integer not null,
  result text,
  error text,
  finished_at integer not null
) strict;
create index outcome_by_state on outcome (state, run_id);

-- When the first run of a pipeline was claimed. Insert-only.
create table pipeline_start (
  run_id integer primary key,
  started_at integer not null
) strict;

-- A root run's key while it is unfinished.
create table run_key (
  run_id integer primary key,
  key text not null unique
) strict;

create table worker (
  id integer primary key autoincrement,
  name text not null,
  state text not null check (state in ('active', 'dead', 'retired')),
  expires_at integer not null,
  ended_at integer,
  host text not null,
  boot_id text not null,
  pid integer not null,
  start_ticks text not null
) strict;
create index worker_active on worker (expires_at) where state = 'active';

create table attempt_log (
  run_id integer not null,
  epoch integer not null,
  attempt integer not null,
  worker_id integer not null,
  started_at integer not null,
  ended_at integer not null,
  end text not null check (end in ('finished', 'failed', 'retry', 'snoozed', 'released', 'lost')),
  error text,
  primary key (run_id, epoch)
) strict, without rowid;

create table event (
  run_id integer not null,
  seq integer not null,
  type text not null,
  data text,
  at integer not null,
  primary key (run_id, seq)
) strict, without rowid;

create table log (
  run_id integer not null,
  seq integer not null,
  level text not null,
  message text not null,
  fields text,
  at integer not null,
  primary key (run_id, seq)
) strict, without rowid;

create table progress (
  run_id integer primary key,
  done real,
  total real,
  operation text,
  at integer not null
) strict;

-- Rowid table, because the data may be large.
create table checkpoint (
  run_id integer not null,
  version integer not null,
  epoch integer not null,
  data text not null,
  checksum text not null,
  saved_at integer not null,
  primary key (run_id, version)
) strict;

create table unit (
  run_id integer not null,
  unit_key text not null,
  state text not null check (state in ('done', 'failed')),
  error text,
  epoch integer not null,
  at integer not null,
  primary key (run_id, unit_key)
) strict, without rowid;

create table step (
  run_id integer not null,
  name text not null,
  value text not null,
  epoch integer not null,
  at integer not null,
  primary key (run_id, name)
) strict;

create table dataset (
  name text not null,
  version integer not null,
  run_id integer not null,
  job text not null,
  locations text not null,
  columns text not null,
  row_count integer not null,
  fingerprint text not null,
  created_at integer not null,
  primary key (name, version)
) strict;
create unique index dataset_once_a_run on dataset (run_id, name);
`;

export const runTables: Migration = {
  version: 1,
  name: "run-tables",
  compatibleWith: 1,
  sqlite,
  postgres: runTablesPostgres,
};
