// Adds joins: keys of which some inputs have come.
import type { MigrationPart } from "../migration.ts";
import { portableTables } from "./portable-tables.ts";

const shared = `
-- Written by the holder of the partition alone, in the transaction of its offsets. \`due_at\` is when an open key expires, a failed one
-- is tried again, and an emitted one is forgotten. The payload is last: counting does not read it.
create table stream_join (
  group_name text not null,
  partition int not null,
  join_key text not null,
  state text not null check (state in ('open', 'failed', 'emitted')),
  inputs bigint not null,
  first_time bigint not null,
  due_at bigint not null,
  attempts int not null,
  bytes bigint not null,
  error_code text,
  error_message text,
  payload bytea,
  primary key (group_name, partition, join_key)
);
create index stream_join_due on stream_join (group_name, partition, state, due_at);
`;

export const streamJoins: MigrationPart = portableTables(
  shared,
  `
alter table stream_join alter column payload set storage external;
alter table stream_join set (fillfactor = 80);
`,
);
