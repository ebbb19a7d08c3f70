// Tells who is to be told of the events of a job: what the rules of the configuration and the job itself say, together.
import { parseDuration } from "../duration.ts";
import { type ChannelOptions, type ChannelReference, kindOf } from "./channel-options.ts";
import type { NoticeRoute } from "./notice.ts";
import { type NotificationEvent, notificationEvents } from "./notification-event.ts";
import { type JobNotifications, type NotificationRule, toQuietHours } from "./notification-rule.ts";

/** A job or a pipeline, as far as its events go. */
export interface NotifyingJob {
  readonly kind: "job" | "pipeline";
  readonly name: string;
  readonly notifications?: JobNotifications | undefined;
}

export interface NoticeRouterOptions {
  readonly channels: Readonly<Record<string, ChannelOptions>>;
  readonly rules: readonly NotificationRule[];
  readonly jobs: readonly NotifyingJob[];
}

export interface NoticeRouter {
  /** Every channel by its name; those that stand in jobs are named after their place: `load:failed`. */
  readonly channels: ReadonlyMap<string, ChannelOptions>;
  /** Nobody twice. Channels of the kind `noop` are nobody. */
  routesFor(job: string, event: NotificationEvent): readonly NoticeRoute[];
}

const defaultRepeat = "24h";

/** Names of channels are looked up without a word for those that are unknown: loading the project has refused them. */
export function createNoticeRouter({ channels, rules, jobs }: NoticeRouterOptions): NoticeRouter {
  const known = new Map(Object.entries(channels));
  const table = new Map<string, readonly NoticeRoute[]>();
  for (const job of jobs) {
    for (const event of notificationEvents) {
      const own = ownChannels(job, event);
      for (const [name, channel] of own) if (typeof channel !== "string") known.set(name, channel);
      const toRoute = routeTo(event, known);
      const routes = [
        ...own.flatMap(([name]) => toRoute(name, {}, 1)),
        ...rules.filter((rule) => isAbout(rule, job, event)).flatMap((rule) => rulesRoutes(rule, toRoute)),
      ];
      if (routes.length > 0) table.set(`${job.name} ${event}`, onceEach(routes));
    }
  }
  return { channels: known, routesFor: (job, event) => table.get(`${job} ${event}`) ?? [] };
}

type ToRoute = (
  channel: string,
  rule: Pick<NotificationRule, "severity" | "group" | "repeat" | "quietHours">,
  after: number,
) => NoticeRoute[];

function rulesRoutes(rule: NotificationRule, toRoute: ToRoute): NoticeRoute[] {
  const { to, escalate } = rule;
  return [
    ...to.flatMap((channel) => toRoute(channel, rule, 1)),
    ...(escalate?.to ?? []).flatMap((channel) => toRoute(channel, rule, escalate?.after ?? 1)),
  ];
}

function routeTo(event: NotificationEvent, channels: ReadonlyMap<string, ChannelOptions>): ToRoute {
  return (channel, { severity, group, repeat = defaultRepeat, quietHours }, after) => {
    const options = channels.get(channel);
    const kind = options === undefined ? undefined : kindOf(options);
    const isPaging = kind === "pagerduty";
    // An alarm is ended by itself; one that nobody raised is not raised to tell that all is well.
    if (kind === "noop" || (isPaging && event === "recovered")) return [];
    const hours = toQuietHours(quietHours);
    return [
      {
        channel,
        ...(severity === undefined ? {} : { severity }),
        groupMs: group === undefined || isPaging ? 0 : parseDuration(group),
        repeatMs: repeat === "off" ? null : parseDuration(repeat),
        ...(hours === undefined ? {} : { quietHours: hours }),
        after,
        isPaging,
      },
    ];
  };
}

function ownChannels(job: NotifyingJob, event: NotificationEvent): [name: string, reference: ChannelReference][] {
  return (job.notifications?.[event] ?? []).map((reference, index) => {
    if (typeof reference === "string") return [reference, reference];
    return [`${job.name}:${event}${index === 0 ? "" : `:${index + 1}`}`, reference];
  });
}

function isAbout({ on, jobs }: NotificationRule, job: NotifyingJob, event: NotificationEvent): boolean {
  if (!on.includes(event)) return false;
  // The jobs of a pipeline tell of themselves.
  return jobs === undefined ? job.kind === "job" : jobs.some((pattern) => matchesName(pattern, job.name));
}

/** Whether a name is meant by a pattern, in which `*` stands for any letters. */
export function matchesName(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let from = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, from);
    if (found < 0 || found + part.length > name.length - last.length) return false;
    from = found + part.length;
  }
  return true;
}

// Of several ways to the same channel the one that tells first counts.
function onceEach(routes: readonly NoticeRoute[]): readonly NoticeRoute[] {
  const byChannel = new Map<string, NoticeRoute>();
  for (const route of routes.toSorted((a, b) => a.after - b.after)) {
    if (!byChannel.has(route.channel)) byChannel.set(route.channel, route);
  }
  return [...byChannel.values()];
}
