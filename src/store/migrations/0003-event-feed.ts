// Positions of events in the stream of all runs. A position grows from event to event of a run, since the writer of an event
// holds its run; `feed_floor` is the newest position of those that were removed.
import type { MigrationPart } from "./migration.ts";

const floor = `
-- At most one row.
create table feed_floor (
  id int primary key check (id = 1),
  position bigint not null
);`;

// There is one writer at a time, so positions are in the order of commits.
const sqlite = `
alter table event rename to event_2;
create table event (
  id integer primary key autoincrement,
  run_id integer not null,
  seq integer not null,
  type text not null,
  data text,
  at integer not null,
  unique (run_id, seq)
) strict;
insert into event (run_id, seq, type, data, at) select run_id, seq, type, data, at from event_2 order by run_id, seq;
drop table event_2;
${floor}
`;

// Rows that are there keep no position: giving them one would write the whole history anew. Partitions that come later get
// column, default and index from the table.
const postgres = `
create sequence event_seq as bigint;
alter table event add column id bigint;
alter table event alter column id set default nextval('event_seq');
create index event_feed on event (id);
${floor}
insert into feed_floor (id, position) select 1, 1 where exists (select 1 from event);
select setval('event_seq', 1) from feed_floor;
`;

export const eventFeed: MigrationPart = { sqlite, postgres };
