// What workers share about the services they talk to.
import type { MigrationPart } from "../migration.ts";

const shared = `
-- Tokens, sealed by whoever got them. The holder renews one; its hold ends by time, so that a dead one is overtaken.
create table credential (
  name text primary key,
  version bigint not null,
  sealed text,
  expires_at bigint,
  holder text,
  held_until bigint
);

-- Connections that somebody registered, sealed but for what a list shows.
create table connection (
  name text primary key,
  version bigint not null,
  sealed text not null,
  address text not null,
  auth text,
  saved_by text not null,
  saved_at bigint not null
);

-- Until when nothing may be sent, and when (microseconds) the bucket of requests would be full again.
create table quota (
  name text primary key,
  blocked_until bigint,
  full_at bigint
);
`;

export const connections: MigrationPart = {
  sqlite: shared.replaceAll(/\b(?:bigint|int)\b/g, "integer").replaceAll(/^\);/gm, ") strict;"),
  postgres: shared,
};
