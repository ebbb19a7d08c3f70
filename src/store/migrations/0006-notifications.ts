// Adds what people are to be told, and the trouble that lasts.
import type { MigrationPart } from "./migration.ts";

const shared = `
-- Trouble of a job that lasts, by what is the same trouble. \`told\` is JSON: channel → when it was told, and whether it has to be told
-- when the trouble is over.
create table incident (
  job text not null,
  key text not null,
  event text not null,
  opened_at bigint not null,
  last_at bigint not null,
  times int not null,
  told text not null,
  primary key (job, key)
);

-- Messages, one for each channel. \`due_at\` of one that is on its way is the time at which its sender counts as gone.
create table notification (
  id identity,
  uid text not null unique,
  channel text not null,
  action text not null,
  thread text not null,
  grouping text,
  event text not null,
  job text not null,
  severity text not null,
  state text not null,
  notices text not null,
  notice_count int not null,
  attempts int not null,
  created_at bigint not null,
  due_at bigint not null,
  ended_at bigint,
  failure text
);
create index notification_waiting on notification (channel, due_at, id) where state = 'waiting';
create index notification_of_thread on notification (channel, thread, id) where state = 'waiting';
create index notification_given_up on notification (id) where state = 'given_up';
create index notification_ended on notification (ended_at) where ended_at is not null;
`;

export const notifications: MigrationPart = {
  sqlite: shared
    .replaceAll("id identity", "id integer primary key autoincrement")
    .replaceAll(/\b(?:bigint|int)\b/g, "integer")
    .replaceAll(/^\);/gm, ") strict;"),
  postgres: shared.replaceAll("id identity", "id bigint generated always as identity primary key"),
};
