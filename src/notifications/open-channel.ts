// From what is declared of a channel to the channel. The code of a kind is loaded when one of its channels is used.
import type { ChannelOptions } from "../core/notification/channel-options.ts";
import { withAmazonKeys } from "../connections/registry/amazon-keys.ts";
import { resolveSecrets, type SecretSources } from "../connections/registry/resolve-secrets.ts";
import type { Channel, ChannelServices } from "./channel.ts";

/** Nothing is sent. @throws MillraceError `SECRET_MISSING` */
export async function openChannel(
  name: string,
  { email, slack, sns, pagerduty, webhook }: ChannelOptions,
  secrets: Omit<SecretSources, "onSecret">,
  services: ChannelServices,
): Promise<Channel> {
  const { onSecret } = services;
  const resolve = async <Settings>(settings: Settings) =>
    await resolveSecrets(settings, `channel \`${name}\``, { ...secrets, onSecret });
  if (email !== undefined)
    return (await import("./email/email-channel.ts")).createEmailChannel(await resolve(email), services);
  if (slack !== undefined) {
    const options = await resolve(slack);
    hideAddress(options.url, onSecret);
    return (await import("./slack/slack-channel.ts")).createSlackChannel(options, services);
  }
  if (sns !== undefined) {
    return (await import("./sns/sns-channel.ts")).createSnsChannel(
      await resolve(withAmazonKeys(sns, secrets)),
      services,
    );
  }
  if (pagerduty !== undefined) {
    const options = await resolve(pagerduty);
    onSecret(options.routingKey);
    return (await import("./pagerduty/pagerduty-channel.ts")).createPagerDutyChannel(options, services);
  }
  if (webhook !== undefined) {
    const options = await resolve(webhook);
    hideAddress(options.url, onSecret);
    return (await import("./webhook/webhook-channel.ts")).createWebhookChannel(options, services);
  }
  return { send: async () => ({}) };
}

// Whoever has the address of a webhook can write to it.
function hideAddress(address: string, onSecret: (secret: string) => void): void {
  const url = URL.parse(address);
  onSecret(address);
  if (url === null) return;
  onSecret(url.href);
  onSecret(`${url.origin}${url.pathname}`);
}
