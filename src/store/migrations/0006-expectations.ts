// Adds what is expected of jobs and datasets in time, and when that was not so.
import type { MigrationPart } from "./migration.ts";

const shared = `
-- One row for each rule. \`rule\` is JSON that belongs to the orchestrator. \`expected_at\` is the instant that is awaited, or
-- that came late; \`due_at\` is when the row is to be looked at next.
create table expectation (
  kind text not null check (kind in ('job', 'dataset')),
  name text not null,
  rule text not null,
  saved_at bigint not null,
  expected_at bigint not null,
  due_at bigint not null,
  state text not null default 'met' check (state in ('met', 'broken')),
  since bigint,
  run_id bigint,
  primary key (kind, name)
);
create index expectation_due on expectation (due_at, kind, name);

-- Each turn of a rule, once.
create table expectation_turn (
  kind text not null,
  name text not null,
  at bigint not null,
  turn text not null check (turn in ('late', 'on_time', 'stale', 'fresh')),
  expected_at bigint not null,
  run_id bigint,
  primary key (kind, name, at)
);
create index expectation_turn_recent on expectation_turn (at, kind, name);
-- The newest time in the column that the freshness of the dataset goes by.
alter table dataset add column newest_at bigint;
`;

export const expectations: MigrationPart = {
  sqlite: shared.replaceAll(/\bbigint\b/g, "integer").replaceAll(/^\);/gm, ") strict;"),
  postgres: shared,
};
