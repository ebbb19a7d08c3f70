// Adds what is known of payloads, which lie beside the store, and what refers to them.
import type { MigrationPart } from "../migration.ts";
import { portableTables } from "./portable-tables.ts";

const shared = `
-- \`removing_at\`: the collector has marked it, and it may be gone already.
create table stream_payload (
  sha256 text primary key,
  bytes bigint not null,
  touched_at bigint not null,
  removing_at bigint
);

-- Written with the row that refers to the payload: \`block\` by topic id, partition and first offset, \`aside\` (dead letters and parked
-- records) by topic id, partition and offset, \`join\` by group, partition and key. It outlives that row until the collector looks.
create table stream_payload_ref (
  kind text not null check (kind in ('block', 'aside', 'join')),
  scope text not null,
  partition int not null,
  place bigint not null,
  item text not null,
  sha256 text not null,
  primary key (kind, scope, partition, place, item, sha256)
);
create index stream_payload_ref_of_payload on stream_payload_ref (sha256);
`;

export const streamPayloads: MigrationPart = portableTables(shared);
