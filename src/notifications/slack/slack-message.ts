// A message in the blocks of Slack, within its limits: 3,000 characters of a section, 150 of a header, 50 blocks.
import type { NotificationMessage } from "../../core/notification/notice.ts";
import type { MessageOrigin } from "../channel.ts";
import { clipText, toLine } from "../text/clip.ts";
import { describeMessage, type NoticeText } from "../text/describe-message.ts";

const maxSection = 3_000;
const maxHeader = 150;
const maxText = 3_000;

/** The body of the request. @see https://docs.slack.dev/reference/block-kit/blocks */
export function toSlackMessage(message: NotificationMessage, origin: MessageOrigin): object {
  const { title, parts, unlisted } = describeMessage(message, origin);
  const more = unlisted === 0 ? "" : ` · and ${unlisted} more`;
  return {
    text: clipText(escape(title), maxText),
    blocks: [
      { type: "header", text: { type: "plain_text", text: clipText(title, maxHeader) } },
      ...parts.map((part) => ({ type: "section", text: { type: "mrkdwn", text: toSection(part) } })),
      { type: "context", elements: [{ type: "mrkdwn", text: `${message.severity}${more} · ${message.uid}` }] },
    ],
  };
}

// Cut before it is escaped, so that no escape is cut; each part has a share that holds when every character is escaped.
function toSection({ title, lines }: NoticeText): string {
  const text = [`*${escape(toLine(title))}*`, ...lines.map(escape)].join("\n");
  if (text.length <= maxSection) return text;
  const rest = lines.slice(1).map(escape).join("\n");
  const room = maxSection - rest.length - escape(title).length - 8;
  return clipEscaped(
    [`*${escape(toLine(title))}*`, clipEscaped(escape(lines[0] ?? ""), Math.max(100, room)), rest].join("\n"),
  );
}

function clipEscaped(text: string, length: number = maxSection): string {
  return clipText(text, length).replace(/&[a-z]{0,3}…$/, "…");
}

/** @see https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
