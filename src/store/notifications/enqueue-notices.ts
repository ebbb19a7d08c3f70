// Takes in what happened: who has to be told of it, and who was told already. It is part of the transaction of what happened.
import type { NewNotice, Notice, NoticeRoute } from "../../core/notification/notice.ts";
import { isTrouble, usualSeverity } from "../../core/notification/notification-event.ts";
import { tellableAt } from "../../core/notification/quiet-hours.ts";
import type { Script } from "../rows/script.ts";
import { withFindings } from "./check-findings.ts";
import { type Incident, type IncidentBook, lockIncidents } from "./incident-book.ts";
import { type MessageDraft, writeMessages } from "./write-messages.ts";

/** In the order given: of the notices of one run a channel is told the first that it is to be told. @returns how many messages were written */
export function* enqueueNotices(notices: readonly NewNotice[], nowMs: number): Script<number> {
  if (notices.length === 0) return 0;
  const standing = (yield* withFindings(notices)).map(bound);
  const book = yield* lockIncidents(
    standing,
    standing.filter(({ event }) => isTrouble(event)),
    nowMs,
  );
  const taken = new Set<string>();
  const drafts = standing.flatMap((notice) => judge(notice, book, { taken, nowMs }));
  yield* book.save();
  return yield* writeMessages(drafts, nowMs);
}

interface Judging {
  /** Channels that are told of a run by an earlier notice. */
  readonly taken: Set<string>;
  readonly nowMs: number;
}

function judge(notice: NewNotice, book: IncidentBook, judging: Judging): MessageDraft[] {
  if (isTrouble(notice.event)) return judgeTrouble(notice, book, judging);
  if (notice.event !== "recovered") return tell(notice, freeRoutes(notice, judging), {}, judging);
  const over = book.close(notice);
  const ends = over.flatMap((incident) => endAlarms(incident, judging.nowMs));
  if (over.length === 0) return ends;
  const past = {
    sinceMs: Math.min(...over.map(({ openedAtMs }) => openedAtMs)),
    times: over.reduce((sum, { times }) => sum + times, 0),
  };
  return [...ends, ...tell(notice, freeRoutes(notice, judging), past, judging)];
}

function judgeTrouble(notice: NewNotice, book: IncidentBook, judging: Judging): MessageDraft[] {
  const { nowMs } = judging;
  const incident = book.open(notice, nowMs);
  const times = book.timesInARow(notice.job, notice.event);
  const due = freeRoutes(notice, judging).filter(({ channel, after, repeatMs }) => {
    const told = incident.told.get(channel);
    const isAgain = told !== undefined && (repeatMs === null || nowMs - told.atMs < repeatMs);
    return times >= after && !isAgain;
  });
  for (const { channel, isPaging } of due) {
    incident.told.set(channel, { atMs: nowMs, times: (incident.told.get(channel)?.times ?? 0) + 1, isPaging });
  }
  return tell(notice, due, { sinceMs: incident.openedAtMs, times }, judging);
}

function freeRoutes({ run, routes }: NewNotice, { taken }: Judging): readonly NoticeRoute[] {
  if (run === undefined) return routes;
  const free = routes.filter(({ channel }) => !taken.has(`${run} ${channel}`));
  for (const { channel } of free) taken.add(`${run} ${channel}`);
  return free;
}

function tell(
  notice: NewNotice,
  routes: readonly NoticeRoute[],
  past: Pick<Notice, "sinceMs" | "times">,
  { nowMs }: Judging,
): MessageDraft[] {
  const { key, routes: _, ends: __, endsKeys: ___, isFromChecks: ____, ...facts } = notice;
  return routes.map(({ channel, severity = notice.severity, groupMs, quietHours }) => {
    const dueAtMs = nowMs + groupMs;
    const mayWait = quietHours !== undefined && severity !== "critical";
    return {
      channel,
      action: "tell",
      thread: groupMs > 0 ? `group/${groupMs}` : `${notice.job}/${key}`,
      grouping: groupMs > 0 ? String(groupMs) : null,
      event: notice.event,
      job: notice.job,
      severity,
      notices: [{ ...facts, severity, atMs: nowMs, ...past }],
      dueAtMs: mayWait ? tellableAt(quietHours, dueAtMs) : dueAtMs,
    };
  });
}

function endAlarms({ job, key, event, told }: Incident, nowMs: number): MessageDraft[] {
  return [...told].flatMap(([channel, { isPaging, times }]) => {
    if (!isPaging) return [];
    const severity = usualSeverity.recovered;
    const notice: Notice = {
      event: "recovered",
      job,
      severity,
      atMs: nowMs,
      message: `\`${job}\` is no longer ${trouble[event]}`,
    };
    return [
      {
        channel,
        action: "resolve",
        thread: `${job}/${key}`,
        grouping: null,
        event: "recovered",
        job,
        severity,
        notices: [notice],
        dueAtMs: nowMs,
        isNeedless: times === 1 ? "when-unsent" : undefined,
      },
    ];
  });
}

const trouble: Readonly<Record<Incident["event"], string>> = {
  failed: "failing",
  quality: "failing its checks",
  late: "late",
  stale: "stale",
  succeeded: "in trouble",
  recovered: "in trouble",
};

const maxKey = 200;
const maxMessage = 4_000;

/** What is written down has an end, whatever an error says. */
function bound(notice: NewNotice): NewNotice {
  const { key, message, hint } = notice;
  return {
    ...notice,
    key: clip(key, maxKey),
    message: clip(message, maxMessage),
    ...(hint === undefined ? {} : { hint: clip(hint, maxMessage) }),
  };
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1).toWellFormed()}…` : text;
}
