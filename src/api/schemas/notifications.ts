// Schemas of what people are told.
import { z } from "zod";
import { notificationEvents, severities } from "../../core/notification/notification-event.ts";
import { notificationStates } from "../../core/notification/notification-state.ts";
import type { ChannelTest, ChannelView, NoticeView, NotificationDetail, NotificationView } from "../notification.ts";
import type { Loose, SchemasOf } from "../route-schemas.ts";
import { instantField, listOf, pageQueryFields, runIdField } from "./fields.ts";

const problem = z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }).nullable();
const event = z.enum(notificationEvents);
const nameField = z.string().min(1).max(300);

const shape = {
  id: z.int(),
  uid: z.string().describe("what its peer knows it by; the same at each repetition"),
  channel: z.string(),
  action: z.enum(["tell", "resolve"]).describe("`resolve` ends an alarm"),
  event,
  job_name: z.string(),
  severity: z.enum(severities),
  state: z.enum(notificationStates),
  message: z.string().describe("what it says of the first of its notices"),
  run_id: runIdField.nullable(),
  count: z.int().describe("notices in it"),
  attempts: z.int(),
  created_at: instantField,
  due_at: instantField.nullable().describe("when it is tried next, for one that waits"),
  ended_at: instantField.nullable().describe("when it was sent or given up"),
  problem: problem.describe("what its last try failed with, or why it waits for ever"),
};

const notification: z.ZodType<Loose<NotificationView>> = z.object(shape).meta({ id: "Notification" });

const notice: z.ZodType<Loose<NoticeView>> = z.object({
  event,
  job_name: z.string(),
  at: instantField,
  message: z.string(),
  run_id: runIdField.nullable(),
  code: z.string().nullable(),
  hint: z.string().nullable(),
  since: instantField.nullable(),
  times: z.int().nullable(),
});

const detail: z.ZodType<Loose<NotificationDetail>> = z
  .object({ ...shape, notices: z.array(notice) })
  .meta({ id: "NotificationDetail" });

const channel: z.ZodType<Loose<ChannelView>> = z
  .object({ channel: z.string(), kind: z.string(), address: z.string().describe("without a secret") })
  .meta({ id: "Channel" });

const channelTest: z.ZodType<Loose<ChannelTest>> = z
  .object({ channel: z.string(), sent: z.boolean(), duration_ms: z.int(), error: problem })
  .meta({ id: "ChannelTest" });

const path = z.strictObject({ notification_id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });

export const notificationSchemas: SchemasOf<
  "listNotifications" | "showNotification" | "retryNotification" | "listChannels" | "testChannel"
> = {
  listNotifications: {
    query: z.strictObject({
      ...pageQueryFields,
      state: z.exactOptional(z.enum(notificationStates)),
      channel: z.exactOptional(nameField),
      job: z.exactOptional(nameField),
    }),
    response: z.object({ items: z.array(notification), next_cursor: z.string().nullable(), given_up: z.int() }),
  },
  showNotification: { params: path, response: detail },
  retryNotification: { params: path, response: detail },
  listChannels: { response: listOf(channel) },
  testChannel: { params: z.strictObject({ channel: nameField }), response: channelTest },
};
