// Adds what runs asked of services, so that people see it.
import type { MigrationPart } from "../migration.ts";

const shared = `
-- One HTTP exchange of a run, without any secret. \`seq\` counts all of the run's, also those that are not kept.
create table exchange (
  run_id bigint not null,
  seq int not null,
  attempt int not null,
  connection text,
  method text not null,
  address text not null,
  unit text,
  page int,
  status int,
  error text,
  failed int not null,
  repeat int not null,
  started_at bigint not null,
  duration bigint not null,
  bytes bigint not null,
  primary key (run_id, seq)
);
create index exchange_failed on exchange (run_id, seq) where failed = 1;
create index exchange_of_connection on exchange (connection, started_at) where connection is not null;

-- All exchanges of a run, and how many of them \`exchange\` has.
create table traffic (
  run_id bigint primary key,
  exchanges bigint not null,
  failed bigint not null,
  bytes bigint not null,
  kept int not null,
  kept_late int not null
);
`;

export const exchanges: MigrationPart = {
  sqlite: shared.replaceAll(/\b(?:bigint|int)\b/g, "integer").replaceAll(/^\);/gm, ") strict;"),
  postgres: shared,
};
