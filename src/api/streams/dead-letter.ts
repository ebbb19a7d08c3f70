// Records that could not be handled, on the wire.
import type { DeadLetterState } from "../../core/stream/stream-ledger.ts";
import type { Instant, JsonValue, Page, PageQuery, RunIdText } from "../page.ts";
import type { BytesView } from "./topic.ts";

/** Without a word of the record: that is for those who may see rows. */
export interface DeadLetterView {
  readonly id: number;
  readonly group: string;
  readonly job_name: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly state: DeadLetterState;
  readonly attempts: number;
  readonly error: { readonly code: string; readonly message: string };
  /** Where it failed for good. */
  readonly run_id: RunIdText;
  readonly at: Instant;
}

export interface DeadLetterDetail extends DeadLetterView {
  readonly key: BytesView;
  readonly value: BytesView;
  readonly headers: readonly { readonly name: string; readonly value: BytesView }[];
  /** Of the record. */
  readonly record_at: Instant;
  /** Fingerprint of the code that failed. */
  readonly code: string;
}

export interface DeadLettersQuery extends PageQuery {
  readonly group?: string;
  readonly topic?: string;
  /** Default: all. */
  readonly state?: DeadLetterState;
}

export interface DeadLetterPage extends Page<DeadLetterView> {
  /** Of all groups, how many wait for a decision. */
  readonly open: number;
}

/** Exactly these, or all open ones of a group. */
export interface ChooseDeadLetters {
  /** At most 1,000. */
  readonly ids?: readonly number[];
  readonly group?: string;
  /** With `group`. */
  readonly topic?: string;
  readonly preview?: boolean;
  readonly reason?: string;
}

export interface RetryDeadLetters extends ChooseDeadLetters {
  /** In place of the value of the one in `ids`. */
  readonly value?: JsonValue;
}

export interface ResolvedDeadLetters {
  readonly count: number;
  readonly changed: boolean;
}

export interface DeadLetterPath {
  readonly dead_letter_id: number;
}
