// Adds the business figures that runs record.
import type { MigrationPart } from "./migration.ts";

const shared = `
-- The last value of each name and its labels in a run. \`labels\` is JSON in the order of the names of the labels.
-- \`breach\` is set where the value was outside of the thresholds of the job at that time.
create table metric (
  run_id bigint not null,
  name text not null,
  labels text not null,
  job text not null,
  value double precision not null,
  unit text,
  breach text check (breach in ('warn', 'fail')),
  attempt int not null,
  at bigint not null,
  primary key (run_id, name, labels)
);
-- A page of the history of one figure is a range, and the figures of a job are hops from name to name.
create index metric_of_job on metric (job, name, run_id, labels);
`;

export const metrics: MigrationPart = {
  sqlite: shared
    .replaceAll("double precision", "real")
    .replaceAll(/\b(?:bigint|int)\b/g, "integer")
    .replaceAll(/^\);/gm, ") strict;"),
  postgres: shared,
};
