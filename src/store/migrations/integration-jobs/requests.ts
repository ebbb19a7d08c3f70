// Adds the ledger of requests that change something elsewhere.
import type { MigrationPart } from "../migration.ts";

const shared = `
-- Written before a request is sent. The body of the answer is compressed; the body of the request is nowhere.
create table sent_request (
  run_id bigint not null,
  name text not null,
  state text not null,
  idempotency_key text not null,
  fingerprint text not null,
  method text not null,
  address text not null,
  sends int not null,
  planned_at bigint not null,
  changed_at bigint not null,
  status int,
  headers text,
  body text,
  resolved_by text,
  primary key (run_id, name)
);

-- The few that a person has to look at.
create index sent_request_unknown on sent_request (run_id, name) where state = 'unknown';
`;

export const requests: MigrationPart = {
  sqlite: shared.replaceAll(/\b(?:bigint|int)\b/g, "integer").replaceAll(/^\);/gm, ") strict;"),
  postgres: shared,
};
