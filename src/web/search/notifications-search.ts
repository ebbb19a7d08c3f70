// Parses the address of the notifications: their filters.
import { readOneOf, readText, type RawSearch } from "../search-params.ts";
import { type NotificationState, notificationStates } from "../../core/notification/notification-state.ts";

export interface NotificationsSearch {
  readonly state?: NotificationState | undefined;
  readonly channel?: string | undefined;
  readonly job?: string | undefined;
}

export function parseNotificationsSearch(raw: RawSearch): NotificationsSearch {
  return {
    state: readOneOf(raw, "state", notificationStates),
    channel: readText(raw, "channel"),
    job: readText(raw, "job"),
  };
}
