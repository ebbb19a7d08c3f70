// Where a channel leads to, for people, without a secret.
import { isSecretReference, type Secret } from "../connection/secret.ts";
import type { ChannelOptions } from "./channel-options.ts";

/** `ops@example.com by smtp.example.com`, `https://hooks.slack.com`, `env:SLACK_URL`; an address is told without what is behind its host. */
export function describeChannel({ email, slack, sns, pagerduty, webhook }: ChannelOptions): string {
  if (email !== undefined) return `${email.to.join(", ")} by ${email.host}`;
  if (slack !== undefined) return describeAddress(slack.url);
  if (sns !== undefined) return sns.topicArn;
  if (pagerduty !== undefined) return pagerduty.endpoint ?? "https://events.pagerduty.com";
  if (webhook !== undefined) return describeAddress(webhook.url);
  return "nobody";
}

function describeAddress(address: Secret): string {
  if (isSecretReference(address)) return "env" in address ? `env:${address.env}` : `file:${address.file}`;
  return URL.parse(address)?.origin ?? "an address";
}
