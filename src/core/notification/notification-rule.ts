// Defines who is told of what: rules of the configuration, and what a job says for itself.
import { z } from "zod";
import type { Duration } from "../duration.ts";
import { parseTimeZone } from "../schedule/time-zone.ts";
import { expecting, optional } from "../spec/option-notes.ts";
import { choice, duration, integer, texts } from "../spec/option-values.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";
import type { ChannelReference } from "./channel-options.ts";
import { channelReferences } from "./channel-spec.ts";
import { type NotificationEvent, notificationEvents, severities, type Severity } from "./notification-event.ts";
import type { QuietHours } from "./quiet-hours.ts";

/** Who is told of which events of which jobs. */
export interface NotificationRule {
  readonly on: readonly NotificationEvent[];
  /** Names of jobs and pipelines; `*` stands for any letters. Default: all jobs of the project, and no pipeline. */
  readonly jobs?: readonly string[];
  /** Names of channels. */
  readonly to: readonly string[];
  /** Default: `error` for `failed`, `info` for `succeeded` and `recovered`, else `warning`. */
  readonly severity?: Severity;
  /** Collects what comes within this time into one message. Default: each is a message. */
  readonly group?: Duration;
  /** The same trouble is told again after this time while it lasts. Default `24h`. */
  readonly repeat?: Duration | "off";
  /** When messages wait, but for those that are `critical`. */
  readonly quietHours?: { readonly from: string; readonly to: string; readonly timezone?: string };
  /** Who else is told when it happened that many times in a row. */
  readonly escalate?: { readonly after: number; readonly to: readonly string[] };
}

/** Who is told of the events of one job, by event. */
export type JobNotifications = { readonly [Event in NotificationEvent]?: readonly ChannelReference[] };

export const notificationRuleSpec: Spec<NotificationRule> = defineSpec<NotificationRule>()(() => ({
  on: expecting(
    `a list of one or more of ${notificationEvents.map((event) => `\`${event}\``).join(", ")}`,
    z.array(choice(notificationEvents)).min(1).readonly(),
  ).describe("the events"),
  jobs: optional(texts("names, in which `*` stands for any letters"), "all jobs, and no pipeline").describe(
    "the jobs and pipelines that it holds for",
  ),
  to: texts("names of channels").describe("who is told: names of `channels`"),
  severity: optional(
    choice(severities),
    "`error` for `failed`, `info` for `succeeded` and `recovered`, else `warning`",
  ).describe("how urgent it is; `critical` passes quiet hours"),
  group: optional(duration("a duration such as `5m`"), "each is a message of its own").describe(
    "collects what comes within this time, from the first on, into one message; not for PagerDuty, which groups by itself",
  ),
  repeat: optional(
    expecting("a duration such as `24h`, or `off`", z.union([duration(undefined, (ms) => ms > 0), z.literal("off")])),
    "`24h`",
  ).describe("the same trouble is told again after this time while it lasts"),
  quietHours: optional(quietHoursSpec.schema, "none").describe("hours in which messages wait"),
  escalate: optional(escalationSpec.schema, "nobody").describe(
    "who else is told when a job is in this trouble that many times in a row",
  ),
}));

const quietHoursSpec = defineSpec<NonNullable<NotificationRule["quietHours"]>>()(() => ({
  from: time().describe("when they begin, such as `22:00`"),
  to: time().describe("when they end; `from` after `to` goes over midnight"),
  timezone: optional(expecting("a time zone such as `Europe/Berlin`", z.string().refine(isZone)), "`UTC`").describe(
    "the zone whose clock counts",
  ),
}));

const escalationSpec = defineSpec<NonNullable<NotificationRule["escalate"]>>()(() => ({
  after: integer(2, 1_000).describe("how many times in a row"),
  to: texts("names of channels").describe("who else is told"),
}));

export const jobNotificationsSpec: Spec<JobNotifications> = defineSpec<JobNotifications>()(() => ({
  failed: optional(channelReferences()).describe("told when a run failed for good"),
  succeeded: optional(channelReferences()).describe("told when a run finished"),
  quality: optional(channelReferences()).describe("told when a check failed or rows were set aside"),
  recovered: optional(channelReferences()).describe("told of the first success after trouble"),
  late: optional(channelReferences()).describe("told when a run is late"),
  stale: optional(channelReferences()).describe("told when a dataset that it publishes is older than it may be"),
}));

/** The hours with their zone. */
export function toQuietHours(hours: NotificationRule["quietHours"]): QuietHours | undefined {
  return hours === undefined ? undefined : { from: hours.from, to: hours.to, timezone: hours.timezone ?? "UTC" };
}

function time(): z.ZodString {
  return expecting("a time such as `22:00`", z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/));
}

function isZone(name: string): boolean {
  try {
    parseTimeZone(name);
    return true;
  } catch {
    return false;
  }
}
