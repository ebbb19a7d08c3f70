// Messages for tests of channels, and channels that talk to servers of a test.
import type { ChannelOptions } from "../../../src/core/notification/channel-options.ts";
import type { NotificationMessage } from "../../../src/core/notification/notice.ts";
import { createNotificationSender, type NotificationSender } from "../../../src/notifications/notification-sender.ts";

export const someMessage: NotificationMessage = {
  uid: "0b0e7a4e-6f0e-4d2c-9f2f-4f2f4f2f4f2f",
  channel: "ops",
  action: "tell",
  thread: "load/failed:abc",
  severity: "error",
  count: 1,
  notices: [
    {
      event: "failed",
      job: "load",
      severity: "error",
      atMs: Date.UTC(2026, 0, 2, 3, 4, 5),
      message: "no answer from <db> & co",
      run: "r42",
      root: "r41",
      code: "CONNECTION_FAILED",
      hint: "start the database",
      sinceMs: Date.UTC(2026, 0, 1),
      times: 3,
    },
  ],
};

export const nowMs: number = Date.UTC(2026, 0, 2, 3, 4, 6);

/** A sender with one channel `ops`. */
export function senderOf(
  ops: ChannelOptions,
  variables: Readonly<Record<string, string>> = {},
  publicUrl?: string,
): NotificationSender {
  return createNotificationSender({
    channels: () => new Map([["ops", ops]]),
    secrets: {
      readVariable: (name) => variables[name],
      readFile: () => undefined,
      readService: () => Promise.reject(new Error("no service keeps secrets here")),
    },
    origin: { project: "shop", publicUrl },
    now: () => nowMs,
  });
}

/** Never aborted. */
export const goOn: AbortSignal = new AbortController().signal;
