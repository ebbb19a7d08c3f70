// What a configuration may say of a channel.
import { z } from "zod";
import { type Secret, secret } from "../connection/secret.ts";
import { expecting, optional } from "../spec/option-notes.ts";
import { choice, integer, text } from "../spec/option-values.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";
import type {
  ChannelOptions,
  ChannelReference,
  EmailChannelOptions,
  PagerDutyChannelOptions,
  SlackChannelOptions,
  SnsChannelOptions,
  WebhookChannelOptions,
} from "./channel-options.ts";

/** Exactly one kind, which `assertChannel` looks at. */
export const channelSpec: Spec<ChannelOptions> = defineSpec<ChannelOptions>()(() => ({
  email: optional(emailChannelSpec.schema).describe("mail by SMTP"),
  slack: optional(slackChannelSpec.schema).describe("an incoming webhook of Slack"),
  sns: optional(snsChannelSpec.schema).describe("a topic of Amazon SNS"),
  pagerduty: optional(pagerDutyChannelSpec.schema).describe("a service of PagerDuty"),
  webhook: optional(webhookChannelSpec.schema).describe("an address that takes JSON"),
  noop: optional(expecting("an empty object", z.strictObject({}))).describe("nobody is told"),
}));

export const emailChannelSpec: Spec<EmailChannelOptions> = defineSpec<EmailChannelOptions>()(() => ({
  host: text("a host").describe("the mail server"),
  port: optional(integer(1, 65_535), '587, with `tls: "implicit"` 465').describe("its port"),
  tls: optional(choice(["starttls", "implicit", "none"]), "`starttls`").describe(
    "how the connection is encrypted: `starttls` refuses a server that does not offer it, `none` sends in the clear",
  ),
  user: optional(secret(), "no login").describe("the account; a server that offers no login is then refused"),
  password: optional(secret()).describe("its password"),
  authorities: optional(secret(), "those of Node").describe(
    "PEM of the authorities that sign the server's certificate",
  ),
  from: address().describe("who the mail is from"),
  to: expecting("a list of one or more mail addresses", z.array(address()).min(1).readonly()).describe("who gets it"),
}));

export const slackChannelSpec: Spec<SlackChannelOptions> = defineSpec<SlackChannelOptions>()(() => ({
  url: secret().describe("address of the webhook, which is a secret: `env:SLACK_URL`"),
}));

export const snsChannelSpec: Spec<SnsChannelOptions> = defineSpec<SnsChannelOptions>()(() => ({
  topicArn: expecting(
    "the ARN of a topic such as `arn:aws:sns:eu-central-1:123456789012:alerts`",
    z.string().regex(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]{1,256}(?:\.fifo)?$/),
  ).describe("the topic; one whose name ends with `.fifo` keeps the order"),
  region: optional(text(), "that of the topic").describe("the region that signatures name"),
  endpoint: optional(text("an address"), "Amazon's in the region").describe("where the service is"),
  accessKeyId: optional(secret(), '`env("AWS_ACCESS_KEY_ID")`').describe("name of the key that signs"),
  secretAccessKey: optional(secret(), '`env("AWS_SECRET_ACCESS_KEY")`').describe("the key that signs"),
  sessionToken: optional(secret(), "the variable `AWS_SESSION_TOKEN`, if there is one").describe(
    "what goes with keys that end",
  ),
}));

export const pagerDutyChannelSpec: Spec<PagerDutyChannelOptions> = defineSpec<PagerDutyChannelOptions>()(() => ({
  routingKey: secret().describe("integration key of the service, a secret: `env:PAGERDUTY_KEY`"),
  endpoint: optional(text("an address"), "`https://events.pagerduty.com`").describe(
    "where the service is: `https://events.eu.pagerduty.com` for accounts in Europe",
  ),
}));

export const webhookChannelSpec: Spec<WebhookChannelOptions> = defineSpec<WebhookChannelOptions>()(() => ({
  url: secret().describe("the address, which may be a secret"),
  secret: optional(secret(), "messages are not signed").describe("what messages are signed with"),
  headers: optional(expecting("an object of texts or references to secrets", headers())).describe(
    "headers of each request",
  ),
}));

/** Channels by their names, or as they stand where they are used. */
export function channelReferences(): z.ZodType<readonly ChannelReference[], readonly ChannelReference[]> {
  return expecting("a list of channels", z.array(channelReference()).readonly());
}

let reference: z.ZodType<ChannelReference, ChannelReference> | undefined;

// One for all, with a name, so that the JSON Schema of a job describes it once.
function channelReference(): z.ZodType<ChannelReference, ChannelReference> {
  const phrase = "the name of a channel, or a channel such as `{ slack: { url } }`";
  reference ??= expecting(phrase, z.union([text("the name of a channel"), channelSpec.schema])).meta({ id: "Channel" });
  return reference;
}

// What a mail server does with an address is for the server; this refuses what is none, and line ends in particular.
function address(): z.ZodString {
  return expecting(
    "a mail address such as `ops@example.com` or `Ops <ops@example.com>`",
    z.string().regex(/^(?:[^\s@<>,;]+@[^\s@<>,;]+|[^<>\r\n]* ?<[^\s@<>,;]+@[^\s@<>,;]+>)$/),
  );
}

function headers(): z.ZodType<Readonly<Record<string, Secret>>, Readonly<Record<string, Secret>>> {
  return z.record(z.string(), secret());
}
