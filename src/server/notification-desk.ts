// Defines what the server needs for people who look at channels and try one; the composition root provides it.
import type { MillraceError } from "../core/errors/errors.ts";
import type { ChannelOptions } from "../core/notification/channel-options.ts";

export interface NotificationDesk {
  /** Those of the project and those that stand in its jobs, by name, as they are now. */
  channels(): ReadonlyMap<string, ChannelOptions>;
  /** Sends a message that says that it is a test. @throws MillraceError what sending throws */
  test(channel: string, by: string): Promise<{ readonly partly?: MillraceError }>;
}
