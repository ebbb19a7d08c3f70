// Messages and channels of the fixture server.
import type { ChannelView, NotificationDetail, NotificationView } from "../../../src/api/notification.ts";
import { minutesAgo } from "./web-fixture-time.ts";

const shape = {
  uid: "9d2f3f0a-65a0-4d57-8f0f-2d1c9a6c7a10",
  action: "tell",
  event: "failed",
  severity: "error",
  count: 1,
  attempts: 1,
  due_at: null,
} as const;

export const notifications: readonly NotificationView[] = [
  {
    ...shape,
    id: 14,
    channel: "ops_mail",
    job_name: "github_job",
    state: "given_up",
    message: "GitHub answered with status 403",
    run_id: "r4203",
    created_at: minutesAgo(12),
    ended_at: minutesAgo(11),
    problem: {
      code: "SMTP_AUTH_NOT_OFFERED",
      message: "mail server `mail.acme.example` offers no login, and the channel has one",
      hint: "many servers offer it on another port or after encryption only",
    },
  },
  {
    ...shape,
    id: 13,
    channel: "ops",
    job_name: "github_job",
    state: "waiting",
    message: "GitHub answered with status 403",
    run_id: "r4203",
    created_at: minutesAgo(12),
    due_at: minutesAgo(-2),
    ended_at: null,
    attempts: 3,
    problem: { code: "RATE_LIMITED", message: "POST https://hooks.slack.com: HTTP status 429", hint: null },
  },
  {
    ...shape,
    id: 12,
    channel: "ops",
    event: "succeeded",
    severity: "info",
    job_name: "margin_report",
    state: "sent",
    message: "`margin_report` finished",
    run_id: "r4195",
    count: 3,
    created_at: minutesAgo(60),
    ended_at: minutesAgo(55),
    problem: null,
  },
];

export function notificationOf(id: string | undefined): NotificationDetail {
  const [first] = notifications;
  const found = notifications.find((item) => String(item.id) === id) ?? first;
  if (found === undefined) throw new Error("the fixture has notifications");
  return { ...found, notices: [] };
}

export const channels: readonly ChannelView[] = [
  { channel: "ops", kind: "slack", address: "env:SLACK_URL" },
  { channel: "ops_mail", kind: "email", address: "ops@acme.example by mail.acme.example" },
];
