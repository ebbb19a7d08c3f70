// The outbox over scripts.
import type { ScriptRunner } from "../rows/script-runner.ts";
import { claimNotifications, nextNotificationInMs, recordDelivery, retryNotification } from "./deliver-messages.ts";
import { enqueueNotices } from "./enqueue-notices.ts";
import { countGivenUp, findNotification, listNotifications } from "./list-messages.ts";
import type { NotificationStore } from "./notification-store.ts";

/** What people are to be told. */
export function createNotificationStore({ read, write, announce }: ScriptRunner): NotificationStore {
  return {
    enqueueNotices: async (notices) => {
      const written = await write(({ nowMs }) => enqueueNotices(notices, nowMs));
      if (written > 0) announce("notice");
      return written;
    },
    // Idle polls find out by a read that there is nothing to do, and leave the locks to others.
    claimNotifications: async (request) => {
      if ((await read(({ nowMs }) => nextNotificationInMs(request.channels, nowMs))) !== 0) return [];
      return await write(({ nowMs }) => claimNotifications(request, nowMs));
    },
    recordDelivery: (delivery) => write(({ nowMs }) => recordDelivery(delivery, nowMs)),
    nextNotificationInMs: (channels) => read(({ nowMs }) => nextNotificationInMs(channels, nowMs)),
    listNotifications: (filter) => read(() => listNotifications(filter)),
    findNotification: (id) => read(() => findNotification(id)),
    countGivenUpNotifications: () => read(countGivenUp),
    retryNotification: async (id) => {
      const isRetried = await write(({ nowMs }) => retryNotification(id, nowMs));
      if (isRetried) announce("notice");
      return isRetried;
    },
  };
}
