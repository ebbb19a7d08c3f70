// Lanes, limits, control, schedules, breakers and cadences.
import type { Migration } from "./migration.ts";

// The new tables, in words that both databases know.
const shared = `
-- What may execute at once, and until when nothing may.
create table gate (
  name text primary key,
  capacity bigint,
  blocked_until bigint,
  half_open int not null default 0,
  -- 1 from when the limit was put below what it held until it held no more than that.
  lowered int not null default 0
);

-- A leased run's place in a gate. Written and deleted with the lease, so no crash can leak one.
create table slot (
  gate text not null,
  run_id bigint not null,
  primary key (gate, run_id)
);
create index slot_by_run on slot (run_id);

-- Ends of runs with so many dependants that those after \`child_id\` still wait to be reached.
create table fan_out (
  parent_id bigint primary key,
  verdict text not null check (verdict in ('finished', 'skipped', 'failed')),
  child_id bigint not null
);

-- Jobs and pipelines that are paused as a whole.
create table paused_job (
  job text primary key,
  paused_by text not null,
  reason text,
  at bigint not null
);

-- What people asked of runs that execute, and the pause of runs that wait for others. Deleted with the lease.
create table request (
  run_id bigint primary key,
  action text not null check (action in ('pause', 'stop')),
  requested_by text not null,
  cause text not null check (cause in ('run', 'job')),
  reason text,
  at bigint not null
);

-- One row: whether workers may claim.
create table engine (
  id int primary key check (id = 1),
  claiming int not null,
  changed_by text not null,
  reason text,
  at bigint not null
);
insert into engine (id, claiming, changed_by, at) values (1, 1, 'millrace', 0);

create table schedule (
  name text primary key,
  definition text not null,
  next_fire_at bigint not null,
  last_fire_at bigint,
  last_run_id bigint,
  paused int not null default 0,
  paused_by text
);
create index schedule_due on schedule (next_fire_at) where paused = 0;

-- Each instant of a schedule, once.
create table schedule_fire (
  schedule text not null,
  fire_at bigint not null,
  decision text not null check (decision in ('run', 'missed', 'overlapped')),
  run_id bigint,
  fired_at bigint not null,
  primary key (schedule, fire_at)
);

create table breaker (
  name text primary key,
  state text not null check (state in ('closed', 'open', 'half_open')),
  failures int not null,
  opened_at bigint,
  probe_at bigint,
  last_error text,
  version int not null
);

-- When a piece of upkeep was last taken by any process.
create table cadence (
  name text primary key,
  taken_at bigint not null
);
`;

const sqlite = `
${shared}
create table lane (
  id integer primary key,
  job text not null,
  kind text not null,
  tenant text not null,
  gates text not null,
  unique (job, kind, tenant, gates)
);
insert into lane (job, kind, tenant, gates) select distinct job, kind, tenant, '[]' from run;

alter table run add column spawned_by integer;
alter table worker add column jobs text not null default '[]';
-- Programs of the version before cannot go on, and their time was on another clock.
update worker set state = 'dead', ended_at = unixepoch() * 1000 where state = 'active';
alter table attempt_log rename to attempt_log_1;
create table attempt_log (
  run_id integer not null,
  epoch integer not null,
  attempt integer not null,
  worker_id integer not null,
  started_at integer not null,
  ended_at integer not null,
  "end" text not null,
  error text,
  metrics text,
  code text,
  primary key (run_id, epoch)
) strict, without rowid;
insert into attempt_log (run_id, epoch, attempt, worker_id, started_at, ended_at, "end", error)
  select run_id, epoch, attempt, worker_id, started_at, ended_at, "end", error from attempt_log_1;
drop table attempt_log_1;

alter table waiting add column lane_id integer not null default 0;
alter table scheduled add column lane_id integer not null default 0;
alter table ready add column lane_id integer not null default 0;
alter table lease add column lane_id integer not null default 0;
alter table parked add column lane_id integer not null default 0;
alter table outcome add column lane_id integer not null default 0;
alter table outcome add column priority integer not null default 0;
alter table outcome add column has_children integer not null default 0;
update outcome set has_children = 1 where run_id in (select parent_id from edge);
alter table parked add column paused_by text;
alter table parked add column cause text not null default 'run' check (cause in ('run', 'job'));
alter table parked add column run_at integer;
alter table parked add column scheduled_reason text;
${["waiting", "scheduled", "ready", "lease", "parked", "outcome"]
  .map(
    (table) => `update ${table} set lane_id = (select lane.id from run join lane on lane.job = run.job
  and lane.kind = run.kind and lane.tenant = run.tenant where run.id = ${table}.run_id);`,
  )
  .join("\n")}
-- \`seq\` grows by itself and is never used twice.
drop index ready_order;
alter table ready rename to ready_1;
create table ready (
  seq integer primary key autoincrement,
  run_id integer not null unique,
  lane_id integer not null,
  priority integer not null,
  epoch integer not null,
  attempt integer not null,
  has_children integer not null
) strict;
insert into ready (run_id, lane_id, priority, epoch, attempt, has_children)
  select run_id, lane_id, priority, epoch, attempt, has_children from ready_1 order by priority, seq;
drop table ready_1;
create index ready_order on ready (lane_id, priority, seq);
create index outcome_recent on outcome (finished_at);
`;

const postgres = `
${shared}
create function mark_asked() returns trigger language plpgsql set search_path from current as $$
begin
  update lease set asked = 1 from asked where lease.run_id = asked.run_id and lease.asked = 0;
  return null;
end $$;
create trigger request_marks_lease after insert on request referencing new table as asked
  for each statement execute function mark_asked();
`;

export const engineTables: Migration = {
  version: 2,
  name: "engine-tables",
  compatibleWith: 2,
  sqlite,
  postgres,
};
