// What happened and who is to be told, as the store takes it in the transaction in which it happened.
import type { NotificationEvent, Severity } from "./notification-event.ts";
import type { QuietHours } from "./quiet-hours.ts";

/** What happened. It never holds a secret or a row: messages of errors are masked before they come here. */
export interface Notice {
  readonly event: NotificationEvent;
  readonly job: string;
  readonly severity: Severity;
  readonly atMs: number;
  /** What broke, or what went well: one sentence or a few. */
  readonly message: string;
  /** `r42` */
  readonly run?: string;
  /** The pipeline run that the run belongs to. */
  readonly root?: string;
  /** Code of the error. */
  readonly code?: string;
  /** What to do. */
  readonly hint?: string;
  /** Since when the trouble lasts, and how often it came. */
  readonly sinceMs?: number;
  readonly times?: number;
}

/** How one channel is told of a notice. */
export interface NoticeRoute {
  readonly channel: string;
  /** Default: that of the notice. */
  readonly severity?: Severity;
  /** Collects what comes within this time into one message; 0: each is a message of its own. */
  readonly groupMs: number;
  /** The same trouble is told again after this time; `null`: never. */
  readonly repeatMs: number | null;
  readonly quietHours?: QuietHours;
  /** Told when the job is in this trouble that many times in a row; 1: at once. */
  readonly after: number;
  /** Whether the channel has to be told when the trouble is over, because it keeps an alarm of its own until then. */
  readonly isPaging: boolean;
}

/** A notice that comes in. */
export interface NewNotice extends Omit<Notice, "atMs" | "sinceMs" | "times"> {
  /** The same for the same trouble of a job, at most 200 characters; of other events it tells what is one thing. */
  readonly key: string;
  readonly routes: readonly NoticeRoute[];
  /**
   * Kinds of trouble of the job that are over with it. A notice `recovered` is told only when there was one; with `endsKeys` only
   * trouble of those keys is over.
   */
  readonly ends?: readonly NotificationEvent[];
  readonly endsKeys?: readonly string[];
  /** The message comes from the checks of the run, and where those found nothing there is no notice. */
  readonly isFromChecks?: boolean;
}

/** What a message asks of its channel: to tell what happened, or to end the alarm that was raised for `thread`. */
export type NotificationAction = "tell" | "resolve";

/** A message for one channel, as it is sent. The same at each repetition. */
export interface NotificationMessage {
  /** Names the message, so that a peer can tell a repetition from another one. */
  readonly uid: string;
  readonly channel: string;
  readonly action: NotificationAction;
  /** Names what it is about: messages of a channel about the same are sent in order. */
  readonly thread: string;
  readonly severity: Severity;
  /** At least one; of a group the first 20. */
  readonly notices: readonly Notice[];
  /** How many notices there are in all. */
  readonly count: number;
}
