// What a person may do with messages and channels.
import type { ChannelView, NotificationView } from "../../api/notification.ts";
import type { Role } from "../../api/role.ts";
import type { Action } from "../components/actions/action.ts";
import { formatMs } from "../components/values/format-quantity.ts";
import { call } from "../queries/api-client.ts";
import { leastRole, mayCall } from "../queries/permissions.ts";

/** Sends one that was given up again. @param done afterwards */
export function retryAction({ id, channel }: NotificationView, role: Role, done: () => void): Action {
  return {
    label: "Send again",
    icon: "retry",
    whyNot: mayCall(role, "retryNotification") ? undefined : `needs the role ${leastRole("retryNotification")}`,
    run: async () => {
      await call("retryNotification", { params: { notification_id: id } });
      done();
      return `${channel} is told again`;
    },
  };
}

/** Sends a message that says that it is a test. */
export function testAction({ channel, kind, address }: ChannelView, role: Role): Action {
  return {
    label: `Test ${channel}`,
    icon: "bell",
    whyNot: mayCall(role, "testChannel") ? undefined : `needs the role ${leastRole("testChannel")}`,
    confirm: {
      title: `Send a test to ${channel}?`,
      text: `A message that says that it is a test goes to ${address} (${kind}).`,
      hasReason: false,
    },
    run: async () => {
      const { sent, error, duration_ms: durationMs } = await call("testChannel", { params: { channel } });
      if (error !== null) {
        const hint = error.hint === null ? "" : ` (${error.hint})`;
        throw new Error(`${sent ? "only some were told" : "not sent"}: ${error.code}: ${error.message}${hint}`);
      }
      return `${channel} took the test in ${formatMs(durationMs)}`;
    },
  };
}
