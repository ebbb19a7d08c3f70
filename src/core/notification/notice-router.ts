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
  /** The same for one run of a job that has notifications of its own. Its channels are named after what they say, in every process alike. */
  ofRun(job: NotifyingJob): Pick<NoticeRouter, "routesFor">;
}

const defaultRepeat = "24h";

/** Names of channels are looked up without a word for those that are unknown: loading the project has refused them. */
export function createNoticeRouter({ channels, rules, jobs }: NoticeRouterOptions): NoticeRouter {
  const known = new Map(Object.entries(channels));
  const routesOf = (job: NotifyingJob, event: NotificationEvent, own: readonly NamedChannel[]): NoticeRoute[] => {
    for (const [name, channel] of own) if (typeof channel !== "string") known.set(name, channel);
    const toRoute = routeTo(event, known);
    return onceEach([
      ...own.flatMap(([name]) => toRoute(name, {}, 1)),
      ...rules.filter((rule) => isAbout(rule, job, event)).flatMap((rule) => rulesRoutes(rule, toRoute)),
    ]);
  };
  const table = new Map<string, readonly NoticeRoute[]>();
  for (const job of jobs) {
    for (const event of notificationEvents) {
      const routes = routesOf(job, event, ownChannels(job, event));
      if (routes.length > 0) table.set(`${job.name} ${event}`, routes);
    }
  }
  return {
    channels: known,
    routesFor: (job, event) => table.get(`${job} ${event}`) ?? [],
    ofRun: (job) => ({ routesFor: (_, event) => routesOf(job, event, channelsOfRun(job, event)) }),
  };
}

type NamedChannel = readonly [name: string, reference: ChannelReference];

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

function ownChannels(job: NotifyingJob, event: NotificationEvent): NamedChannel[] {
  return (job.notifications?.[event] ?? []).map((reference, index) => {
    if (typeof reference === "string") return [reference, reference];
    return [`${job.name}:${event}${index === 0 ? "" : `:${index + 1}`}`, reference];
  });
}

/** A message that this process could not send is sent by the next one that has a run with the same channel. */
function channelsOfRun(job: NotifyingJob, event: NotificationEvent): NamedChannel[] {
  return (job.notifications?.[event] ?? []).map((reference) =>
    typeof reference === "string" ? [reference, reference] : [`${job.name}:${event}:${digest(reference)}`, reference],
  );
}

/** Tells channels apart; not against anybody who wants two to be alike. */
function digest(channel: ChannelOptions): string {
  let hash = 0;
  for (const letter of JSON.stringify(channel)) hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) | 0;
  return (hash >>> 0).toString(16).padStart(8, "0");
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
function onceEach(routes: readonly NoticeRoute[]): NoticeRoute[] {
  const byChannel = new Map<string, NoticeRoute>();
  for (const route of routes.toSorted((a, b) => a.after - b.after)) {
    if (!byChannel.has(route.channel)) byChannel.set(route.channel, route);
  }
  return [...byChannel.values()];
}
