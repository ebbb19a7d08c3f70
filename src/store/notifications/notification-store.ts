// Defines the outbox: what people are to be told, kept until each channel has it. A message is written in the transaction of what it
// tells of, so it is lost with it or not at all; it is sent after that, and again when nobody knows whether it arrived.
import type { NewNotice, NotificationMessage } from "../../core/notification/notice.ts";
import type { NotificationEvent } from "../../core/notification/notification-event.ts";
import type { NotificationState } from "../../core/notification/notification-state.ts";

export interface NotificationStore {
  /**
   * Takes in what happened beside the end of a run, which settling takes in by itself: opens and closes trouble, leaves out what was
   * told already, and writes a message for each channel that is to be told. @returns how many messages
   */
  enqueueNotices(notices: readonly NewNotice[]): Promise<number>;
  /**
   * Takes messages that are due, the oldest first; of one thread of a channel only the first that is not sent. Nobody else gets them
   * for `leaseMs`; who takes one and vanishes leaves it to the next.
   */
  claimNotifications(request: NotificationClaim): Promise<readonly ClaimedNotification[]>;
  /** Writes down what became of a message. @returns false, and nothing is written, when it was taken by somebody else meanwhile */
  recordDelivery(delivery: NotificationDelivery): Promise<boolean>;
  /** In how many ms the next message to one of these channels is due; `undefined` when none waits. */
  nextNotificationInMs(channels: readonly string[]): Promise<number | undefined>;
  /** The newest first. */
  listNotifications(filter: NotificationFilter): Promise<readonly NotificationRecord[]>;
  findNotification(id: number): Promise<NotificationRecord | undefined>;
  /** How many were given up and not retried since. */
  countGivenUpNotifications(): Promise<number>;
  /** Has one that was given up sent again, now. @returns false when it was not given up */
  retryNotification(id: number): Promise<boolean>;
}

export interface NotificationClaim {
  /** Those that the caller can reach; messages to others are left to others. */
  readonly channels: readonly string[];
  readonly limit: number;
  readonly leaseMs: number;
}

export interface ClaimedNotification extends NotificationMessage {
  readonly id: number;
  /** From 1; the fence of what is recorded. */
  readonly attempt: number;
}

export interface NotificationFailure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

export type NotificationDelivery = Pick<ClaimedNotification, "id" | "attempt"> &
  (
    | { readonly is: "sent" }
    | { readonly is: "partly_sent" | "given_up"; readonly failure: NotificationFailure }
    /** Due again `delayMs` after the store has recorded it. */
    | { readonly is: "retry"; readonly delayMs: number; readonly failure: NotificationFailure }
    /** Was not sent, and does not count. */
    | { readonly is: "put_back"; readonly delayMs: number }
  );

export interface NotificationFilter {
  readonly state?: NotificationState;
  readonly channel?: string;
  readonly job?: string;
  /** The last one of the page before. */
  readonly beforeId?: number;
  readonly limit: number;
}

/** A message as people see it. */
export interface NotificationRecord extends NotificationMessage {
  readonly id: number;
  readonly event: NotificationEvent;
  readonly job: string;
  readonly state: NotificationState;
  readonly attempts: number;
  readonly createdAtMs: number;
  /** When it is tried, for one that waits. */
  readonly dueAtMs: number;
  /** When it was sent or given up. */
  readonly endedAtMs: number | undefined;
  /** What its last try failed with. */
  readonly failure: NotificationFailure | undefined;
}
