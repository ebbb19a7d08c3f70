// Adds what ensures that a window is filled once, and that each loop has its own units.
import type { MigrationPart } from "../migration.ts";

const shared = `
-- Names the params of a run that has a window, see store/params-key.ts. Runs from before have none; they compare by their text.
alter table run add column params_key text;
create index run_by_window on run (job, window_from) where window_from is not null;

-- Whoever fills windows of a job or pipeline locks its row first, so that two never look at the same window at once.
create table window_lock (
  job text primary key
);
`;

const sqlite = `
${shared}
alter table schedule_fire rename to schedule_fire_3;
create table schedule_fire (
  schedule text not null,
  fire_at bigint not null,
  decision text not null check (decision in ('run', 'missed', 'overlapped', 'filled')),
  run_id bigint,
  fired_at bigint not null,
  primary key (schedule, fire_at)
);
insert into schedule_fire (schedule, fire_at, decision, run_id, fired_at)
  select schedule, fire_at, decision, run_id, fired_at from schedule_fire_3;
drop table schedule_fire_3;

-- \`loop\` is the loop of the run that the unit belongs to. Units from before have '' and count in every loop of their run.
drop index unit_failed;
alter table unit rename to unit_3;
create table unit (
  run_id integer not null,
  loop text not null,
  unit_key text not null,
  state text not null check (state in ('done', 'failed')),
  error text,
  epoch integer not null,
  at integer not null,
  primary key (run_id, loop, unit_key)
) strict, without rowid;
insert into unit (run_id, loop, unit_key, state, error, epoch, at)
  select run_id, '', unit_key, state, error, epoch, at from unit_3;
drop table unit_3;
create index unit_failed on unit (run_id, loop, unit_key) where state = 'failed';
`;

const postgres = `
${shared}
alter table schedule_fire drop constraint schedule_fire_decision_check;
alter table schedule_fire add constraint schedule_fire_decision_check
  check (decision in ('run', 'missed', 'overlapped', 'filled'));

-- \`loop\` is the loop of the run that the unit belongs to. Units from before have '' and count in every loop of their run.
drop index unit_failed;
alter table unit add column loop text not null default '';
alter table unit alter column loop drop default;
alter table unit drop constraint unit_pkey;
alter table unit add primary key (run_id, loop, unit_key);
create index unit_failed on unit (run_id, loop, unit_key) where state = 'failed';
`;

export const windows: MigrationPart = { sqlite, postgres };
