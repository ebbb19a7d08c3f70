// Puts together who is told of what, and what tells them: the rules of the project, its channels, and one dispatcher for all that
// works in this process.
import { randomUUID } from "node:crypto";
import type { Environment } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import type { MillraceError } from "../core/errors/errors.ts";
import { builtInJobNames } from "../core/job/built-in-job-names.ts";
import { type ChannelOptions, kindOf } from "../core/notification/channel-options.ts";
import { createNoticeRouter, type NoticeRouter } from "../core/notification/notice-router.ts";
import type { NotificationMessage } from "../core/notification/notice.ts";
import type { NotificationSender } from "../notifications/notification-sender.ts";
import { slackPaceMs } from "../notifications/slack/slack-pace.ts";
import { type MessageSender, NoticeDispatcher } from "../orchestrator/notices/notice-dispatcher.ts";
import type { Definitions } from "../project/definitions.ts";
import type { Project } from "../project/project.ts";
import type { Store } from "../store/store.ts";
import { producersOf } from "./expectation-rules.ts";
import { secretSourcesOf } from "./connections/secret-sources.ts";

export interface NotifyingParts {
  readonly project: Project;
  readonly environment: Pick<Environment, "readVariable">;
  readonly clock: Clock;
  readonly store: Store;
  readonly definitions: () => Definitions;
  readonly onError: (error: MillraceError) => void;
}

/** Disposing it ends what is being sent. */
export interface Notifying extends AsyncDisposable {
  /** As the definitions are now. */
  router(): NoticeRouter;
  /** Sends messages until every caller has disposed what it got. */
  join(): AsyncDisposable;
  /** Sends a message that says it is a test. An alarm is raised and ended. @throws MillraceError what sending throws */
  test(channel: string, by: string): Promise<{ readonly partly?: MillraceError }>;
}

export function createNotifying(parts: NotifyingParts): Notifying {
  const { project, store, clock, onError } = parts;
  let known: { readonly of: Definitions; readonly router: NoticeRouter } | undefined;
  const router = (): NoticeRouter => {
    const definitions = parts.definitions();
    if (known?.of !== definitions) known = { of: definitions, router: routerOf(project, definitions) };
    return known.router;
  };
  let made: Promise<NotificationSender> | undefined;
  const sender = (): Promise<NotificationSender> => (made ??= createSender(parts, router));
  let dispatcher: NoticeDispatcher | undefined;
  let users = 0;
  const stopSending = async (): Promise<void> => {
    const ending = dispatcher;
    dispatcher = undefined;
    await ending?.stop();
  };
  return {
    router,
    join() {
      users += 1;
      dispatcher ??= startDispatcher({
        store,
        clock,
        onError,
        router,
        sender: { send: async (...told) => await (await sender()).send(...told) },
      });
      return {
        [Symbol.asyncDispose]: async () => {
          users -= 1;
          if (users === 0) await stopSending();
        },
      };
    },
    test: async (channel, by) =>
      await sendTest(await sender(), router().channels.get(channel), { channel, by, atMs: clock.now() }),
    [Symbol.asyncDispose]: async () => {
      await stopSending();
      await (await made)?.[Symbol.asyncDispose]();
    },
  };
}

function routerOf({ settings }: Project, definitions: Definitions): NoticeRouter {
  const jobs = [...definitions.jobs.values(), ...definitions.pipelines.values()];
  const produced = producersOf(definitions);
  const foreign = Object.keys(settings.freshness).filter((dataset) => !produced.has(dataset));
  return createNoticeRouter({
    channels: settings.channels,
    rules: settings.notifications,
    // the orchestrator's own are nobody's
    jobs: [
      ...jobs.filter(({ name }) => !builtInJobNames.includes(name)),
      // a dataset that nobody here makes stands for itself
      ...foreign.map((name) => ({ kind: "job", name }) as const),
    ],
  });
}

// Most projects tell nobody of anything.
async function createSender(
  { project, environment, clock }: NotifyingParts,
  router: () => NoticeRouter,
): Promise<NotificationSender> {
  const { createNotificationSender } = await import("../notifications/notification-sender.ts");
  return createNotificationSender({
    channels: () => router().channels,
    origin: { project: project.name, publicUrl: project.settings.server.publicUrl },
    now: () => clock.now(),
    // who opens a channel masks what it reads
    secrets: secretSourcesOf(project.root, environment, () => undefined),
  });
}

function startDispatcher({
  router,
  ...options
}: Pick<NotifyingParts, "store" | "clock" | "onError"> & {
  readonly router: () => NoticeRouter;
  readonly sender: MessageSender;
}): NoticeDispatcher {
  const dispatcher = new NoticeDispatcher({
    ...options,
    random: Math.random,
    channels: () => [...router().channels.keys()],
    paceMs: (channel) => (router().channels.get(channel)?.slack === undefined ? 0 : slackPaceMs),
  });
  dispatcher.start();
  return dispatcher;
}

const testMs = 30_000;

async function sendTest(
  sender: MessageSender,
  options: ChannelOptions | undefined,
  { channel, by, atMs }: { readonly channel: string; readonly by: string; readonly atMs: number },
): Promise<{ readonly partly?: MillraceError }> {
  const uid = randomUUID();
  const severity = "info";
  const message = `a test of channel \`${channel}\`, asked for by ${by}`;
  const told: NotificationMessage = {
    uid,
    channel,
    action: "tell",
    thread: `test/${uid}`,
    severity,
    notices: [{ event: "succeeded", job: "test", severity, atMs, message }],
    count: 1,
  };
  const delivery = await sender.send(told, AbortSignal.timeout(testMs));
  const isAlarm = options !== undefined && kindOf(options) === "pagerduty";
  if (isAlarm) await sender.send({ ...told, action: "resolve" }, AbortSignal.timeout(testMs));
  return delivery;
}
