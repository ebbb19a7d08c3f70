// Messages of the outbox on their way to the wire.
import type { NotificationDetail, NotificationView } from "../../../api/notification.ts";
import type { ChannelOptions } from "../../../core/notification/channel-options.ts";
import { channelsHint } from "../../../core/notification/assert-rules.ts";
import type { NotificationRecord } from "../../../store/notifications/notification-store.ts";
import { toInstant, toInstantOrNull } from "../../views/to-instant.ts";

type Channels = ReadonlyMap<string, ChannelOptions>;

export function toNotification(record: NotificationRecord, channels: Channels): NotificationView {
  const { id, uid, channel, action, event, job, severity, state, notices, count, attempts } = record;
  const [first] = notices;
  return {
    id,
    uid,
    channel,
    action,
    event,
    job_name: job,
    severity,
    state,
    message: first?.message ?? "",
    run_id: first?.run ?? null,
    count,
    attempts,
    created_at: toInstant(record.createdAtMs),
    due_at: state === "waiting" ? toInstant(record.dueAtMs) : null,
    ended_at: toInstantOrNull(record.endedAtMs),
    problem: problemOf(record, channels),
  };
}

export function toNotificationDetail(record: NotificationRecord, channels: Channels): NotificationDetail {
  return {
    ...toNotification(record, channels),
    notices: record.notices.map((notice) => ({
      event: notice.event,
      job_name: notice.job,
      at: toInstant(notice.atMs),
      message: notice.message,
      run_id: notice.run ?? null,
      code: notice.code ?? null,
      hint: notice.hint ?? null,
      since: toInstantOrNull(notice.sinceMs),
      times: notice.times ?? null,
    })),
  };
}

// A message to a channel that the project no longer has waits until it has one of that name again.
function problemOf({ state, channel, failure }: NotificationRecord, channels: Channels): NotificationView["problem"] {
  if (state === "waiting" && !channels.has(channel)) {
    return {
      code: "CHANNEL_UNKNOWN",
      message: `the project has no channel \`${channel}\``,
      hint: channelsHint(channels.keys()),
    };
  }
  return failure === undefined ? null : { code: failure.code, message: failure.message, hint: failure.hint ?? null };
}
