// A message as parameters of `Publish`, within its limits: 262,144 bytes of message and attributes, 100 characters of ASCII in the
// subject, 128 in the ids of a FIFO topic.
import type { NotificationMessage } from "../../core/notification/notice.ts";
import type { MessageOrigin } from "../channel.ts";
import { boundedId } from "../text/bounded-id.ts";
import { byteLength, clipBytes, clipText, toLine } from "../text/clip.ts";
import { describeMessage, toPlainText } from "../text/describe-message.ts";

const maxBytes = 262_144;
const maxSubject = 100;
const maxId = 128;

/** @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export function toSnsParameters(
  message: NotificationMessage,
  topicArn: string,
  origin: MessageOrigin,
): Record<string, string> {
  const text = describeMessage(message, origin);
  const [first] = message.notices;
  const attributes = {
    id: message.uid,
    event: first?.event ?? "succeeded",
    job: first?.job ?? "",
    severity: message.severity,
    project: origin.project,
  };
  const told = Object.entries(attributes).filter(([, value]) => value !== "");
  const taken = told.reduce(
    (sum, [name, value]) => sum + byteLength(name) + byteLength("String") + byteLength(value),
    0,
  );
  return {
    Action: "Publish",
    Version: "2010-03-31",
    TopicArn: topicArn,
    Subject: toSubject(text.title),
    Message: clipBytes(toPlainText(text), maxBytes - taken),
    ...Object.fromEntries(told.flatMap(([name, value], index) => toAttribute(index + 1, name, value))),
    ...(topicArn.endsWith(".fifo")
      ? { MessageGroupId: toId(message.thread), MessageDeduplicationId: toId(message.uid) }
      : {}),
  };
}

function toAttribute(number: number, name: string, value: string): [string, string][] {
  const prefix = `MessageAttributes.entry.${number}`;
  return [
    [`${prefix}.Name`, name],
    [`${prefix}.Value.DataType`, "String"],
    [`${prefix}.Value.StringValue`, value],
  ];
}

/** Printable ASCII, beginning with a letter, a digit or a sign. */
function toSubject(title: string): string {
  const ascii = toLine(title)
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^ -~]/g, "?")
    .trim();
  return clipText(ascii, maxSubject).replace(/…$/, "~") || "Millrace";
}

function toId(text: string): string {
  return boundedId(text.replaceAll(/[^!-~]/g, "_"), maxId);
}
