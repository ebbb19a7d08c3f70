// Messages for people, and their end.
import type { Notice } from "../../core/notification/notice.ts";
import { all, one, run, type Script } from "../rows/script.ts";
import type { NotificationFailure, NotificationFilter, NotificationRecord } from "./notification-store.ts";

interface NotificationRow extends Omit<NotificationRecord, "notices" | "endedAtMs" | "failure"> {
  readonly notices: string;
  readonly endedAtMs: number | null;
  readonly failure: string | null;
}

const select = `select id, uid, channel, action, thread, event, job, severity, state, notices, notice_count as count, attempts,
  created_at as "createdAtMs", due_at as "dueAtMs", ended_at as "endedAtMs", failure from notification`;

export function* listNotifications({
  state,
  channel,
  job,
  beforeId,
  limit,
}: NotificationFilter): Script<readonly NotificationRecord[]> {
  const wanted = Object.entries({ state, channel, job }).flatMap(([column, value]) =>
    value === undefined ? [] : [{ column, value }],
  );
  const rows = yield* all<NotificationRow>(
    `${select} where id < ? ${wanted.map(({ column }) => `and ${column} = ?`).join(" ")} order by id desc limit ?`,
    beforeId ?? Number.MAX_SAFE_INTEGER,
    ...wanted.map(({ value }) => value),
    Math.max(0, limit),
  );
  return rows.map(toRecord);
}

export function* findNotification(id: number): Script<NotificationRecord | undefined> {
  const row = yield* one<NotificationRow>(`${select} where id = ?`, id);
  return row === undefined ? undefined : toRecord(row);
}

export function* countGivenUp(): Script<number> {
  const row = yield* one<{ count: number }>("select count(*) as count from notification where state = 'given_up'");
  return row?.count ?? 0;
}

/** Those that ended before that time, and trouble that nobody heard of since. */
export function* removeNotifications(endedBeforeMs: number): Script<void> {
  yield* run("delete from notification where ended_at < ?", endedBeforeMs);
  yield* run("delete from incident where last_at < ?", endedBeforeMs);
}

function toRecord({ notices, endedAtMs, failure, ...row }: NotificationRow): NotificationRecord {
  return {
    ...row,
    notices: JSON.parse(notices) as Notice[],
    endedAtMs: endedAtMs ?? undefined,
    failure: failure === null ? undefined : (JSON.parse(failure) as NotificationFailure),
  };
}
