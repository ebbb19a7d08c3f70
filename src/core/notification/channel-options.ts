// Defines the options of channels: where messages go.
import type { Secret } from "../connection/secret.ts";

/** Exactly one kind. */
export interface ChannelOptions {
  readonly email?: EmailChannelOptions;
  readonly slack?: SlackChannelOptions;
  readonly sns?: SnsChannelOptions;
  readonly pagerduty?: PagerDutyChannelOptions;
  readonly webhook?: WebhookChannelOptions;
  readonly noop?: Readonly<Record<never, never>>;
}

export type ChannelKind = keyof ChannelOptions;

export const channelKinds = ["email", "slack", "sns", "pagerduty", "webhook", "noop"] as const;

/** Mail by SMTP. */
export interface EmailChannelOptions {
  readonly host: string;
  /** Default 587, with `tls: "implicit"` 465. */
  readonly port?: number;
  /** How the connection is encrypted. Default `starttls`, which refuses a server that does not offer it. */
  readonly tls?: "starttls" | "implicit" | "none";
  readonly user?: Secret;
  readonly password?: Secret;
  /** PEM of the authorities that the server's certificate comes from. Default: those of Node. */
  readonly authorities?: Secret;
  readonly from: string;
  readonly to: readonly string[];
}

/** An incoming webhook of Slack. */
export interface SlackChannelOptions {
  readonly url: Secret;
}

/** A topic of Amazon SNS; one whose name ends with `.fifo` keeps the order. */
export interface SnsChannelOptions {
  readonly topicArn: string;
  /** Default: that of the topic. */
  readonly region?: string;
  /** Default: Amazon's in the region. */
  readonly endpoint?: string;
  readonly accessKeyId?: Secret;
  readonly secretAccessKey?: Secret;
  readonly sessionToken?: Secret;
}

/** A service of PagerDuty, by Events v2. */
export interface PagerDutyChannelOptions {
  readonly routingKey: Secret;
  /** Default `https://events.pagerduty.com`. */
  readonly endpoint?: string;
}

/** Any address that takes JSON. */
export interface WebhookChannelOptions {
  readonly url: Secret;
  /** What messages are signed with. Default: they are not. */
  readonly secret?: Secret;
  readonly headers?: Readonly<Record<string, Secret>>;
}

/** The name of a channel of the configuration, or a channel of its own. */
export type ChannelReference = string | ChannelOptions;

/** The kind that a channel is of. */
export function kindOf(channel: ChannelOptions): ChannelKind {
  return channelKinds.find((kind) => channel[kind] !== undefined) ?? "noop";
}
