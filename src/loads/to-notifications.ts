// From the notification keys of a configuration to channels: the one place that knows the words of both.
import type { MillraceError } from "../core/errors/errors.ts";
import { assertChannel } from "../core/notification/assert-channel.ts";
import type { ChannelOptions } from "../core/notification/channel-options.ts";
import { channelSpec } from "../core/notification/channel-spec.ts";
import type { JobNotifications } from "../core/notification/notification-rule.ts";
import { parseOptions, refusal } from "../core/spec/parse-options.ts";
import type { LoadConfiguration, NotificationConfig } from "./load-configuration.ts";
import { reference } from "./jdbc/jdbc-options.ts";

const services: Readonly<Record<string, string>> = {
  EMAIL: "email",
  SLACK: "slack",
  SNS: "sns",
  PAGERDUTY: "pagerduty",
  WEBHOOK: "webhook",
};

/** Those that are told of nothing are left out. @throws MillraceError `JOB_INVALID` for a service or an option of it that is not known, naming the key */
export function toNotifications(
  where: string,
  configuration: Pick<
    LoadConfiguration,
    "job_failed_notifications" | "job_success_notifications" | "data_quality_notifications"
  >,
): JobNotifications {
  const channel = (key: keyof typeof configuration): readonly ChannelOptions[] =>
    toChannels(where, key, configuration[key]);
  const entries = {
    failed: channel("job_failed_notifications"),
    succeeded: channel("job_success_notifications"),
    quality: channel("data_quality_notifications"),
  };
  return Object.fromEntries(Object.entries(entries).filter(([, channels]) => channels.length > 0));
}

function toChannels(where: string, key: string, config: NotificationConfig | undefined): readonly ChannelOptions[] {
  if (config === undefined || config.notification_service === noService) return [];
  const { notification_service: service, ...options } = config;
  const kind = services[service];
  if (kind === undefined) throw unknownService(where, key, service);
  const named = Object.entries(options).map(([name, value]) => [toCamel(name), toSecret(value)] as const);
  const of = `\`${key}\` of ${where}`;
  const channel = parseOptions(channelSpec, { [kind]: Object.fromEntries(named) }, of);
  assertChannel(of, [], channel, "JOB_INVALID");
  return [channel];
}

const noService = "NOOP";

function unknownService(where: string, key: string, service: string): MillraceError {
  const known = [...Object.keys(services), noService].map((name) => `\`${name}\``).join(", ");
  return refusal(where, [key, "notification_service"], `one of ${known}`, service);
}

/** `topic_arn` → `topicArn`. */
function toCamel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A reference in the words of channels. */
function toSecret(value: unknown): unknown {
  const name = typeof value === "string" ? reference.exec(value)?.[1] : undefined;
  return name === undefined ? value : `env:${name}`;
}
