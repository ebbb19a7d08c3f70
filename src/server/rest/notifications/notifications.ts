// What people do with messages and channels: look at them, have one that was given up sent again, try a channel.
import type { ChannelTest, NotificationDetail, NotificationPage } from "../../../api/notification.ts";
import { classifyError } from "../../../core/errors/classify-error.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import { kindOf } from "../../../core/notification/channel-options.ts";
import { channelsHint } from "../../../core/notification/assert-rules.ts";
import { describeChannel } from "../../../core/notification/describe-channel.ts";
import type { NotificationRecord } from "../../../store/notifications/notification-store.ts";
import type { CallContext, CallInput, Handlers } from "../../handler.ts";
import { requestInvalid } from "../../request-invalid.ts";
import type { ServerServices } from "../../server-services.ts";
import { toNotification, toNotificationDetail } from "./to-notification.ts";

const defaultLimit = 50;

export function createNotificationHandlers(
  services: ServerServices,
): Handlers<"listNotifications" | "showNotification" | "retryNotification" | "listChannels" | "testChannel"> {
  const { store, notifications } = services;
  return {
    listNotifications: (input) => listNotifications(services, input),
    showNotification: async ({ params }) =>
      toNotificationDetail(await findOne(services, params), notifications.channels()),
    async retryNotification({ params }): Promise<NotificationDetail> {
      const { state } = await findOne(services, params);
      if (!(await store.retryNotification(params.notification_id))) throw notGivenUp(params.notification_id, state);
      return toNotificationDetail(await findOne(services, params), notifications.channels());
    },
    listChannels: async () => ({
      items: [...notifications.channels()].map(([channel, options]) => {
        return { channel, kind: kindOf(options), address: describeChannel(options) };
      }),
    }),
    testChannel: (input, context) => testChannel(services, input, context),
  };
}

async function listNotifications(
  { store, notifications }: ServerServices,
  { query: { cursor, limit = defaultLimit, ...filter } }: CallInput<"listNotifications">,
): Promise<NotificationPage> {
  const beforeId = parseCursor(cursor);
  const [records, givenUp] = await Promise.all([
    store.listNotifications({ ...filter, limit, ...(beforeId === undefined ? {} : { beforeId }) }),
    store.countGivenUpNotifications(),
  ]);
  const last = records.at(-1);
  const channels = notifications.channels();
  return {
    items: records.map((record) => toNotification(record, channels)),
    next_cursor: records.length < limit || last === undefined ? null : String(last.id),
    given_up: givenUp,
  };
}

function parseCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw requestInvalid({ path: "query.cursor", message: "expected `next_cursor` of another page of this list" });
}

async function findOne(
  { store }: ServerServices,
  { notification_id: id }: { readonly notification_id: number },
): Promise<NotificationRecord> {
  const record = await store.findNotification(id);
  if (record !== undefined) return record;
  throw new MillraceError("THING_UNKNOWN", `unknown notification \`${id}\``, {
    hint: "`millrace notifications` lists the newest; old ones go with the history of runs",
  });
}

function notGivenUp(id: number, state: string): MillraceError {
  return new MillraceError("TRANSITION_INVALID", `expected notification \`${id}\` to be given up, got: \`${state}\``, {
    hint: "one that waits is tried again by itself",
  });
}

// That it was not sent is what somebody wanted to know, and no failure of this server.
async function testChannel(
  { notifications }: ServerServices,
  { params: { channel } }: CallInput<"testChannel">,
  { caller }: CallContext,
): Promise<ChannelTest> {
  const known = notifications.channels();
  if (!known.has(channel)) {
    const message = `unknown channel \`${channel}\`${suggest(channel, known.keys())}`;
    throw new MillraceError("THING_UNKNOWN", message, { hint: channelsHint(known.keys()) });
  }
  const startedAtMs = performance.now();
  const result = (isSent: boolean, error: MillraceError | undefined): ChannelTest => ({
    channel,
    sent: isSent,
    duration_ms: Math.round(performance.now() - startedAtMs),
    error: error === undefined ? null : { code: error.code, message: error.message, hint: error.hint ?? null },
  });
  try {
    const { partly } = await notifications.test(channel, caller.name);
    return result(true, partly);
  } catch (thrown) {
    return result(false, classifyError(thrown));
  }
}
