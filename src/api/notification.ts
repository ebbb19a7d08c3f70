// What people are told: messages with what became of them, and the channels that they go through.
import type { NotificationEvent, Severity } from "../core/notification/notification-event.ts";
import type { NotificationState } from "../core/notification/notification-state.ts";
import type { Instant, Page, PageQuery, RunIdText } from "./page.ts";

export interface NotificationView {
  readonly id: number;
  /** What its peer knows it by; the same at each repetition. */
  readonly uid: string;
  readonly channel: string;
  /** `resolve` ends an alarm. */
  readonly action: "tell" | "resolve";
  readonly event: NotificationEvent;
  readonly job_name: string;
  readonly severity: Severity;
  readonly state: NotificationState;
  /** What it says of the first of its notices. */
  readonly message: string;
  readonly run_id: RunIdText | null;
  /** Notices in it. */
  readonly count: number;
  readonly attempts: number;
  readonly created_at: Instant;
  /** When it is tried next, for one that waits. */
  readonly due_at: Instant | null;
  /** When it was sent or given up. */
  readonly ended_at: Instant | null;
  /** What its last try failed with, or why it waits for ever. */
  readonly problem: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
}

export interface NotificationDetail extends NotificationView {
  /** At most 20. */
  readonly notices: readonly NoticeView[];
}

export interface NoticeView {
  readonly event: NotificationEvent;
  readonly job_name: string;
  readonly at: Instant;
  readonly message: string;
  readonly run_id: RunIdText | null;
  readonly code: string | null;
  readonly hint: string | null;
  readonly since: Instant | null;
  readonly times: number | null;
}

export interface NotificationsQuery extends PageQuery {
  readonly state?: NotificationState;
  readonly channel?: string;
  readonly job?: string;
}

export interface NotificationPage extends Page<NotificationView> {
  /** Of all, how many were given up. */
  readonly given_up: number;
}

export interface ChannelView {
  readonly channel: string;
  readonly kind: string;
  /** Where it leads to, without a secret. */
  readonly address: string;
}

export interface ChannelTest {
  readonly channel: string;
  readonly sent: boolean;
  readonly duration_ms: number;
  /** Why not, or who did not get it. */
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
}

export interface NotificationPath {
  readonly notification_id: number;
}

export interface ChannelPath {
  readonly channel: string;
}
