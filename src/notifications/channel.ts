// Defines what a channel does: it hands one message to its peer.
import type { NotificationMessage } from "../core/notification/notice.ts";
import type { MillraceError } from "../core/errors/errors.ts";
import type { HttpAgent } from "../connections/http/http-agent.ts";

export interface Channel {
  /**
   * Sends a message once. It resolves when the peer has taken it, for some of its recipients at least. The message is named in a way
   * that the peer can tell a repetition by, where it has one.
   * @throws MillraceError whose disposition says whether another try makes sense; never with a secret in it
   */
  send(message: NotificationMessage, signal: AbortSignal): Promise<Delivery>;
}

export interface Delivery {
  /** What some of its recipients did not get. */
  readonly partly?: MillraceError;
}

/** What channels are lent. */
export interface ChannelServices {
  readonly agent: HttpAgent;
  readonly now: () => number;
  /** What texts say of the place that they come from. */
  readonly origin: MessageOrigin;
  /** Told every secret before it is used, so that what is shown can be masked. */
  readonly onSecret: (secret: string) => void;
}

export interface MessageOrigin {
  /** Name of the project. */
  readonly project: string;
  /** Where people find the server: `https://millrace.example.com`. Default: texts have no links. */
  readonly publicUrl?: string | undefined;
}
