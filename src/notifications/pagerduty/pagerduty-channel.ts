// A service of PagerDuty, by Events v2. What a message is about is the dedup key, so a repetition changes nothing, and the same key
// ends the alarm.
import type { Resolved } from "../../core/connection/secret.ts";
import type { PagerDutyChannelOptions } from "../../core/notification/channel-options.ts";
import type { Notice, NotificationMessage } from "../../core/notification/notice.ts";
import type { Channel, ChannelServices, MessageOrigin } from "../channel.ts";
import { postMessage } from "../http/post-message.ts";
import { boundedId } from "../text/bounded-id.ts";
import { clipText } from "../text/clip.ts";
import { describeMessage, toPlainText } from "../text/describe-message.ts";

export function createPagerDutyChannel(
  { routingKey, endpoint = "https://events.pagerduty.com" }: Resolved<PagerDutyChannelOptions>,
  services: ChannelServices,
): Channel {
  const url = new URL("/v2/enqueue", endpoint).href;
  return {
    send: async (message, signal) => {
      const body = JSON.stringify({ routing_key: routingKey, ...toPagerDutyEvent(message, services.origin) });
      await postMessage({ url, body, contentType: "application/json", saysWhy: true }, services, signal);
      return {};
    },
  };
}

const maxSummary = 1_024;
const maxKey = 255;
const maxDetails = 20_000;

/** @see https://developer.pagerduty.com/docs/send-alert-event */
export function toPagerDutyEvent(message: NotificationMessage, origin: MessageOrigin): object {
  const dedup_key = boundedId(`millrace/${origin.project}/${message.thread}`, maxKey);
  if (message.action === "resolve") return { event_action: "resolve", dedup_key };
  const text = describeMessage(message, origin);
  const [first] = message.notices;
  return {
    event_action: "trigger",
    dedup_key,
    client: "Millrace",
    payload: {
      summary: clipText(toSummary(text.title, first), maxSummary),
      source: origin.project,
      severity: message.severity,
      component: first?.job,
      class: first?.code ?? first?.event,
      timestamp: new Date(first?.atMs ?? 0).toISOString(),
      custom_details: { id: message.uid, text: clipText(toPlainText(text), maxDetails) },
    },
    links: text.parts.flatMap(({ url, title }) => (url === undefined ? [] : [{ href: url, text: title }])),
  };
}

function toSummary(title: string, notice: Notice | undefined): string {
  return notice === undefined ? title : `${title}: ${notice.message}`;
}
