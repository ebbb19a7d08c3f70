// Hands messages to their senders and writes down what became of them. A message that is on its way is due again when its sender counts
// as gone; the number of its try is the fence.
import { idList, all, one, rowList, run, type Script } from "../rows/script.ts";
import type { Notice, NotificationAction } from "../../core/notification/notice.ts";
import type { Severity } from "../../core/notification/notification-event.ts";
import type { ClaimedNotification, NotificationClaim, NotificationDelivery } from "./notification-store.ts";

interface ClaimRow {
  readonly id: number;
  readonly uid: string;
  readonly channel: string;
  readonly action: NotificationAction;
  readonly thread: string;
  readonly severity: Severity;
  readonly notices: string;
  readonly count: number;
  readonly attempts: number;
}

const channelNames = "(select r.value ->> 'channel' from (rows ?) r)";

export function* claimNotifications(
  { channels, limit, leaseMs }: NotificationClaim,
  nowMs: number,
): Script<readonly ClaimedNotification[]> {
  const rows = yield* all<ClaimRow>(
    `select id, uid, channel, action, thread, severity, notices, notice_count as count, attempts from notification
    where state = 'waiting' and due_at <= ? and channel in ${channelNames}
      and not exists (select 1 from notification earlier where earlier.state = 'waiting'
        and earlier.channel = notification.channel and earlier.thread = notification.thread and earlier.id < notification.id)
    order by due_at, id limit ? for update skip locked`,
    nowMs,
    toRows(channels),
    Math.max(0, limit),
  );
  if (rows.length === 0) return [];
  yield* run(
    "update notification set attempts = attempts + 1, due_at = ? where id in (ids ?)",
    nowMs + Math.ceil(leaseMs),
    idList(rows.map(({ id }) => id)),
  );
  return rows.map(({ notices, attempts, ...row }) => ({
    ...row,
    notices: JSON.parse(notices) as Notice[],
    attempt: attempts + 1,
  }));
}

/** @returns whether the sender still had the message */
export function* recordDelivery(delivery: NotificationDelivery, nowMs: number): Script<boolean> {
  const { id, attempt } = delivery;
  const isOver = delivery.is !== "retry" && delivery.is !== "put_back";
  const changed = yield* run(
    `update notification set state = ?, failure = ?, due_at = coalesce(?, due_at), ended_at = ?, attempts = attempts - ?
    where id = ? and attempts = ? and state = 'waiting'`,
    isOver ? delivery.is : "waiting",
    "failure" in delivery ? JSON.stringify(delivery.failure) : null,
    "delayMs" in delivery ? nowMs + Math.ceil(delivery.delayMs) : null,
    isOver ? nowMs : null,
    delivery.is === "put_back" ? 1 : 0,
    id,
    attempt,
  );
  return changed === 1;
}

/** Whether something is due, asked without locks: the wait until it is, 0 when it is. */
export function* nextNotificationInMs(channels: readonly string[], nowMs: number): Script<number | undefined> {
  const row = yield* one<{ dueAtMs: number | null }>(
    `select min(due_at) as "dueAtMs" from notification where state = 'waiting' and channel in ${channelNames}`,
    toRows(channels),
  );
  const dueAtMs = row?.dueAtMs ?? null;
  return dueAtMs === null ? undefined : Math.max(0, dueAtMs - nowMs);
}

/** @returns whether it was given up */
export function* retryNotification(id: number, nowMs: number): Script<boolean> {
  const changed = yield* run(
    `update notification set state = 'waiting', attempts = 0, due_at = ?, ended_at = null, grouping = null
    where id = ? and state = 'given_up'`,
    nowMs,
    id,
  );
  return changed === 1;
}

function toRows(channels: readonly string[]): string {
  return rowList(channels.map((channel) => ({ channel })));
}
