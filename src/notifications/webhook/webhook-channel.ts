// Any address that takes JSON. The signature covers the time and the body, so that a message can neither be changed nor be played again
// later; the id is the same at each repetition.
import { createHmac } from "node:crypto";
import type { Resolved } from "../../core/connection/secret.ts";
import type { WebhookChannelOptions } from "../../core/notification/channel-options.ts";
import type { NotificationMessage } from "../../core/notification/notice.ts";
import type { Channel, ChannelServices, MessageOrigin } from "../channel.ts";
import { postMessage } from "../http/post-message.ts";
import { describeMessage, linkTo } from "../text/describe-message.ts";

export function createWebhookChannel(
  { url, secret, headers = {} }: Resolved<WebhookChannelOptions>,
  services: ChannelServices,
): Channel {
  return {
    send: async (message, signal) => {
      const body = JSON.stringify(toWebhookBody(message, services.origin));
      const timestamp = String(Math.floor(services.now() / 1_000));
      const signed = secret === undefined ? {} : { "millrace-signature": `v1=${signWebhook(secret, timestamp, body)}` };
      await postMessage(
        {
          url,
          body,
          contentType: "application/json",
          headers: { ...headers, "millrace-id": message.uid, "millrace-timestamp": timestamp, ...signed },
          saysWhy: false,
        },
        services,
        signal,
      );
      return {};
    },
  };
}

/** HMAC-SHA256 of `timestamp.body` in hexadecimal digits. */
export function signWebhook(secret: string, timestamp: string, body: string): string {
  return createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
}

/** The body, in the names of the REST API. */
export function toWebhookBody(message: NotificationMessage, origin: MessageOrigin): object {
  const { uid, action, thread, severity, count, notices } = message;
  return {
    id: uid,
    project: origin.project,
    action,
    thread,
    severity,
    title: describeMessage(message, origin).title,
    count,
    notices: notices.map((notice) => ({
      event: notice.event,
      job: notice.job,
      severity: notice.severity,
      at: new Date(notice.atMs).toISOString(),
      message: notice.message,
      run: notice.run ?? null,
      code: notice.code ?? null,
      hint: notice.hint ?? null,
      since: notice.sinceMs === undefined ? null : new Date(notice.sinceMs).toISOString(),
      times: notice.times ?? null,
      url: linkTo(notice, origin) ?? null,
    })),
  };
}
