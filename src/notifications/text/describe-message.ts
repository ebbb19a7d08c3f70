// What a message says to a person: what broke, since when, where to look, and what to do.
import type { Notice, NotificationMessage } from "../../core/notification/notice.ts";
import type { NotificationEvent } from "../../core/notification/notification-event.ts";
import type { MessageOrigin } from "../channel.ts";
import { clipText, toLine } from "./clip.ts";

export interface MessageText {
  /** One line. */
  readonly title: string;
  /** One for each notice that is listed. */
  readonly parts: readonly NoticeText[];
  /** How many notices are not listed. */
  readonly unlisted: number;
}

export interface NoticeText {
  readonly title: string;
  readonly lines: readonly string[];
  readonly url: string | undefined;
}

const titleLength = 160;

export function describeMessage({ notices, count }: NotificationMessage, origin: MessageOrigin): MessageText {
  const parts = notices.map((notice) => describeNotice(notice, origin));
  const [only] = parts;
  const title =
    count === 1 && only !== undefined ? only.title : `${count} messages: ${parts.map((part) => part.title).join("; ")}`;
  return { title: clipText(`${origin.project}: ${title}`, titleLength), parts, unlisted: count - notices.length };
}

/** The whole message as lines of plain text. */
export function toPlainText({ parts, unlisted }: MessageText): string {
  const blocks = parts.map(({ title, lines }) => [title, ...lines].join("\n"));
  return [...blocks, ...(unlisted === 0 ? [] : [`… and ${unlisted} more`])].join("\n\n");
}

/** Where a person looks; `undefined` when nobody said where the server is. */
export function linkTo({ run, job }: Pick<Notice, "run" | "job">, { publicUrl }: MessageOrigin): string | undefined {
  if (publicUrl === undefined) return undefined;
  const base = publicUrl.replace(/\/+$/, "");
  return run === undefined ? `${base}/jobs/${encodeURIComponent(job)}` : `${base}/runs/${run}`;
}

function describeNotice(notice: Notice, origin: MessageOrigin): NoticeText {
  const { event, job, message, run, root, code, hint, sinceMs, times, atMs } = notice;
  const url = linkTo(notice, origin);
  const lines = [
    `${labels[event]}: ${message}${code === undefined ? "" : ` (${code})`}`,
    `When: ${toUtc(atMs)}`,
    ...(sinceMs === undefined || (times ?? 1) < 2 ? [] : [`Since: ${toUtc(sinceMs)}, ${times} times in a row`]),
    ...(run === undefined ? [] : [`Run: ${run}${root === undefined || root === run ? "" : ` in ${root}`}`]),
    ...(url === undefined ? [] : [`Where: ${url}`]),
    ...(hint === undefined ? [] : [`What to do: ${hint}`]),
  ];
  return { title: toLine(`${job} ${verbs[event]}`), lines, url };
}

const verbs: Readonly<Record<NotificationEvent, string>> = {
  failed: "failed",
  succeeded: "finished",
  quality: "has data that checks refuse",
  recovered: "is well again",
  late: "is late",
  stale: "is stale",
};

const labels: Readonly<Record<NotificationEvent, string>> = {
  failed: "What broke",
  succeeded: "What happened",
  quality: "What checks found",
  recovered: "What happened",
  late: "What is late",
  stale: "What is stale",
};

/** `2026-01-31 08:00:00 UTC` */
function toUtc(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
