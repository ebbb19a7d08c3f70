// The tables of version 1 for Postgres. No Postgres store is older than version 2, so they have lanes from the start.
// Insert-only history is partitioned by run id, which grows with time: old history goes by dropping partitions.

/** Ids in one partition of the history tables. */
export const partitionWidth = 1_000_000;

/** Tables that are partitioned, with the column that holds the run id. */
export const partitionedTables: readonly (readonly [table: string, column: string])[] = [
  ["run", "id"],
  ["outcome", "run_id"],
  ["attempt_log", "run_id"],
  ["event", "run_id"],
  ["log", "run_id"],
];

const partitioned = (table: string): string => `
create table ${table}_0 partition of ${table} for values from (0) to (${partitionWidth});
create table ${table}_default partition of ${table} default;`;

// Vacuum soon and without pauses: these tables live from being emptied.
const hot =
  "(autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0)";

export const runTablesPostgres: string = `
create sequence run_id_seq as bigint;

-- What was asked for. Insert-only.
create table run (
  id bigint not null,
  job text not null,
  kind text not null check (kind in ('job', 'pipeline')),
  parent_run_id bigint,
  root_run_id bigint not null,
  params text not null,
  window_from text,
  window_to text,
  tenant text not null,
  created_by text not null,
  run_key text,
  spawned_by bigint,
  created_at bigint not null,
  primary key (id)
) partition by range (id);
create index run_by_job on run (job, id);
create index run_by_parent on run (parent_run_id) where parent_run_id is not null;
create index run_root on run (id) where parent_run_id is null;
${partitioned("run")}

-- Runs that differ only in what is asked of them: the unit in which a claim looks for work.
create table lane (
  id int generated always as identity primary key,
  job text not null,
  kind text not null,
  tenant text not null,
  gates text not null,
  unique (job, kind, tenant, gates)
);

-- Who waits for whom. A pipeline waits for each of its jobs with policy 'continue'.
create table edge (
  parent_id bigint not null,
  child_id bigint not null,
  policy text not null check (policy in ('cancel', 'skip', 'continue')),
  primary key (parent_id, child_id)
);
create index edge_by_child on edge (child_id);

-- Hot: blocked by \`pending\` unfinished runs. The one hot table that is updated; room for it stays on the page.
create table waiting (
  run_id bigint primary key,
  lane_id int not null,
  pending int not null,
  run_at bigint,
  priority int not null,
  epoch int not null,
  attempt int not null,
  has_children int not null
) with (fillfactor = 60);

-- Hot: not before \`run_at\`.
create table scheduled (
  run_id bigint primary key,
  lane_id int not null,
  run_at bigint not null,
  reason text not null check (reason in ('scheduled', 'waiting_retry', 'waiting_poll')),
  priority int not null,
  epoch int not null,
  attempt int not null,
  has_children int not null
);
create index scheduled_due on scheduled (run_at);

-- Hot: free to be claimed, lane by lane in order of (priority, seq). Insert and delete only.
create sequence ready_seq as bigint;
create table ready (
  run_id bigint not null unique,
  lane_id int not null,
  priority int not null,
  seq bigint not null default nextval('ready_seq'),
  epoch int not null,
  attempt int not null,
  has_children int not null,
  primary key (lane_id, priority, seq)
);

-- Hot: set aside by a person; \`run_at\` and \`scheduled_reason\` are where it goes back to. \`cause\` is what was paused.
create table parked (
  run_id bigint primary key,
  lane_id int not null,
  reason text,
  paused_by text,
  cause text not null check (cause in ('run', 'job')),
  run_at bigint,
  scheduled_reason text,
  priority int not null,
  epoch int not null,
  attempt int not null,
  has_children int not null
);

-- Hot: a worker's claim. Insert and delete only; at most the slots of all workers.
create table lease (
  run_id bigint primary key,
  lane_id int not null,
  worker_id bigint not null,
  started_at bigint not null,
  priority int not null,
  epoch int not null,
  attempt int not null,
  has_children int not null,
  -- 1 once somebody asked something of the run, so that what ends the lease at that moment sees the row change.
  asked int not null default 0
);

alter table waiting set ${hot};
alter table scheduled set ${hot};
alter table ready set ${hot};
alter table lease set ${hot};

-- How a run ended, with what it needs to go on. Insert-only, but for a rerun, which takes the outcome back.
create table outcome (
  run_id bigint not null,
  lane_id int not null,
  priority int not null,
  has_children int not null,
  state text not null check (state in ('FINISHED', 'ERROR')),
  reason text,
  epoch int not null,
  attempt int not null,
  result text,
  error text,
  finished_at bigint not null,
  primary key (run_id)
) partition by range (run_id);
create index outcome_by_state on outcome (state, run_id);
create index outcome_recent on outcome using brin (finished_at);
${partitioned("outcome")}

-- When the first run of a pipeline was claimed. Insert-only.
create table pipeline_start (
  run_id bigint primary key,
  started_at bigint not null
);

-- A root run's key while it is unfinished.
create table run_key (
  run_id bigint primary key,
  key text not null unique
);

create table worker (
  id bigint generated always as identity primary key,
  name text not null,
  state text not null check (state in ('active', 'dead', 'retired')),
  expires_at bigint not null,
  ended_at bigint,
  host text not null,
  boot_id text not null,
  pid bigint not null,
  start_ticks text not null,
  jobs text not null default '[]'
) with (fillfactor = 50);
create index worker_active on worker (expires_at) where state = 'active';

create table attempt_log (
  run_id bigint not null,
  epoch int not null,
  attempt int not null,
  worker_id bigint not null,
  started_at bigint not null,
  ended_at bigint not null,
  "end" text not null,
  error text,
  metrics text,
  code text,
  primary key (run_id, epoch)
) partition by range (run_id);
${partitioned("attempt_log")}

create table event (
  run_id bigint not null,
  seq int not null,
  type text not null,
  data text,
  at bigint not null,
  primary key (run_id, seq)
) partition by range (run_id);
${partitioned("event")}

create table log (
  run_id bigint not null,
  seq int not null,
  level text not null,
  message text not null,
  fields text,
  at bigint not null,
  primary key (run_id, seq)
) partition by range (run_id);
${partitioned("log")}

create table progress (
  run_id bigint primary key,
  done double precision,
  total double precision,
  operation text,
  at bigint not null
) with (fillfactor = 50);

create table checkpoint (
  run_id bigint not null,
  version int not null,
  epoch int not null,
  data text not null,
  checksum text not null,
  saved_at bigint not null,
  primary key (run_id, version)
);

create table unit (
  run_id bigint not null,
  unit_key text not null,
  state text not null check (state in ('done', 'failed')),
  error text,
  epoch int not null,
  at bigint not null,
  primary key (run_id, unit_key)
);

create table step (
  run_id bigint not null,
  name text not null,
  value text not null,
  epoch int not null,
  at bigint not null,
  primary key (run_id, name)
);

create table dataset (
  name text not null,
  version int not null,
  run_id bigint not null,
  job text not null,
  locations text not null,
  columns text not null,
  row_count bigint not null,
  fingerprint text not null,
  created_at bigint not null,
  primary key (name, version)
);
create unique index dataset_once_a_run on dataset (run_id, name);
`;
