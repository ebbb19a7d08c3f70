// Tokens, the audit, and watermarks.
import type { MigrationPart } from "./migration.ts";

const tables = `
-- Callers of the server. The secret itself is nowhere, only its hash.
create table token (
  id text primary key,
  name text not null,
  role text not null,
  secret_hash text not null,
  created_by text not null,
  created_at bigint not null,
  expires_at bigint,
  last_used_at bigint,
  revoked_at bigint,
  revoked_by text
);

-- Who did what. Insert-only; each hash covers the row and the hash before it.
create table audit (
  seq bigint primary key,
  actor text not null,
  action text not null,
  target text not null,
  detail text not null,
  outcome text not null check (outcome in ('allowed', 'denied', 'failed')),
  at bigint not null,
  hash text not null
);
create index audit_by_actor on audit (actor, seq);
create index audit_by_action on audit (action, seq);

-- At most one row: the end of the chain, locked by who appends to it.
create table audit_end (
  id int primary key check (id = 1),
  seq bigint not null,
  hash text not null
);

-- The newest version of each watermark.
create table watermark (
  job text not null,
  tenant text not null,
  name text not null,
  version bigint not null,
  primary key (job, tenant, name)
);

-- Every value that a watermark had, as JSON. A run or a person made it.
create table watermark_version (
  job text not null,
  tenant text not null,
  name text not null,
  version bigint not null,
  value text not null,
  at bigint not null,
  run_id bigint,
  changed_by text,
  reason text,
  undoes bigint,
  primary key (job, tenant, name, version)
);
`;

export const accessAndState: MigrationPart = { sqlite: tables, postgres: tables };
