// Writes messages to the outbox: into a group that is still collecting, or as rows of their own.
import { randomUUID } from "node:crypto";
import type { Notice, NotificationAction } from "../../core/notification/notice.ts";
import { type NotificationEvent, severities, type Severity } from "../../core/notification/notification-event.ts";
import { all, rowList, run, type Script } from "../rows/script.ts";

/** A message before it has a row. */
export interface MessageDraft {
  readonly channel: string;
  readonly action: NotificationAction;
  readonly thread: string;
  /** Messages of a channel with the same text become one while it waits. */
  readonly grouping: string | null;
  readonly event: NotificationEvent;
  readonly job: string;
  readonly severity: Severity;
  readonly notices: readonly Notice[];
  readonly dueAtMs: number;
  /** Nothing has to be ended when the alarm that it ends was not sent yet: that is dropped, too. */
  readonly isNeedless?: "when-unsent" | undefined;
}

/** @returns how many messages are new */
export function* writeMessages(drafts: readonly MessageDraft[], nowMs: number): Script<number> {
  const needed = yield* withoutUnsent(drafts, nowMs);
  const { alone = [], grouped = [] } = Object.groupBy(needed, ({ grouping }) =>
    grouping === null ? "alone" : "grouped",
  );
  const groups = yield* joinGroups(collect(grouped), nowMs);
  const rows = [...alone.map(toGroup), ...groups];
  if (rows.length === 0) return 0;
  yield* run(
    `insert into notification (uid, channel, action, thread, grouping, event, job, severity, state, notices, notice_count, attempts,
      created_at, due_at)
    select r.value ->> 'uid', r.value ->> 'channel', r.value ->> 'action', r.value ->> 'thread', r.value ->> 'grouping',
      r.value ->> 'event', r.value ->> 'job', r.value ->> 'severity', 'waiting', r.value ->> 'notices',
      cast(r.value ->> 'count' as int), 0, cast(? as bigint), cast(r.value ->> 'due' as bigint)
    from (rows ?) r order by r.key`,
    nowMs,
    rowList(rows.map((row) => toRow(row, randomUUID()))),
  );
  return rows.length;
}

interface Group extends MessageDraft {
  readonly count: number;
}

/** Notices that a message lists; of others it has the number. */
const maxListed = 20;

function toGroup(draft: MessageDraft): Group {
  return { ...draft, count: draft.notices.length };
}

function collect(drafts: readonly MessageDraft[]): Group[] {
  const groups = new Map<string, Group>();
  for (const draft of drafts) {
    const name = `${draft.channel} ${draft.grouping}`;
    const group = groups.get(name);
    groups.set(name, group === undefined ? toGroup(draft) : merge(group, toGroup(draft)));
  }
  return [...groups.values()];
}

function merge<Into extends Pick<Group, "notices" | "count" | "severity" | "dueAtMs">>(group: Into, more: Group): Into {
  return {
    ...group,
    notices: [...group.notices, ...more.notices].slice(0, maxListed),
    count: group.count + more.count,
    severity: severities.find((severity) => severity === group.severity || severity === more.severity) ?? more.severity,
    dueAtMs: Math.min(group.dueAtMs, more.dueAtMs),
  };
}

interface OpenGroup {
  readonly id: number;
  readonly channel: string;
  readonly grouping: string;
  readonly severity: Severity;
  readonly notices: string;
  readonly count: number;
  readonly dueAtMs: number;
}

// A group that was tried is closed: what its peer has got must not change. @returns groups that none is open for
function* joinGroups(groups: readonly Group[], nowMs: number): Script<readonly Group[]> {
  if (groups.length === 0) return [];
  const found = yield* all<OpenGroup>(
    `select id, channel, grouping, severity, notices, notice_count as count, due_at as "dueAtMs" from notification
    where state = 'waiting' and grouping is not null and attempts = 0 and due_at > ?
      and channel in (select r.value ->> 'channel' from (rows ?) r) order by id for update`,
    nowMs,
    rowList(groups.map(({ channel }) => ({ channel }))),
  );
  const open = new Map(found.map((row) => [`${row.channel} ${row.grouping}`, row]));
  const joined = groups.flatMap((group) => {
    const row = open.get(`${group.channel} ${group.grouping}`);
    return row === undefined ? [] : [merge({ ...row, notices: JSON.parse(row.notices) as Notice[] }, group)];
  });
  if (joined.length > 0) {
    yield* run(
      `update notification set notices = r.value ->> 'notices', notice_count = cast(r.value ->> 'count' as int),
        severity = r.value ->> 'severity', due_at = cast(r.value ->> 'due' as bigint)
      from (rows ?) r where notification.id = cast(r.value ->> 'id' as bigint)`,
      rowList(
        joined.map(({ id, notices, count, severity, dueAtMs }) => {
          return { id, notices: JSON.stringify(notices), count, severity, due: dueAtMs };
        }),
      ),
    );
  }
  return groups.filter(({ channel, grouping }) => !open.has(`${channel} ${grouping}`));
}

// An alarm that still waits, and was never tried, is dropped with the message that would end it.
function* withoutUnsent(drafts: readonly MessageDraft[], nowMs: number): Script<readonly MessageDraft[]> {
  const ends = drafts.filter(({ isNeedless }) => isNeedless !== undefined);
  if (ends.length === 0) return drafts;
  const dropped = yield* all<{ channel: string; thread: string }>(
    `update notification set state = 'dropped', ended_at = ? where state = 'waiting' and action = 'tell' and attempts = 0
      and (channel, thread) in (select r.value ->> 'channel', r.value ->> 'thread' from (rows ?) r) returning channel, thread`,
    nowMs,
    rowList(ends.map(({ channel, thread }) => ({ channel, thread }))),
  );
  const names = new Set(dropped.map(({ channel, thread }) => `${channel} ${thread}`));
  return drafts.filter((draft) => draft.action !== "resolve" || !names.has(`${draft.channel} ${draft.thread}`));
}

function toRow(group: Group, uid: string): Record<string, string | number | null> {
  const { channel, action, thread, grouping, event, job, severity, notices, count, dueAtMs } = group;
  return {
    uid,
    channel,
    action,
    thread,
    grouping,
    event,
    job,
    severity,
    notices: JSON.stringify(notices),
    count,
    due: dueAtMs,
  };
}
