// The stream of all runs' events, as servers follow it to tell their clients. Reads only: events are written with what they
// tell of, in the same transaction.
import type { RunId } from "../../core/run-id.ts";
import type { ProgressRecord, RunEvent, RunKind } from "../rows/run-records.ts";

export interface FeedStore {
  /** The end of the stream now: reading after it gives what is written from here on. */
  feedEnd(): Promise<FeedPosition>;
  /**
   * Events after a position, in the order of their positions; those of one run in order of `seq`, without gaps. Nothing is
   * ever added before a position that was handed out, but for transactions that stay open longer than 5 s: what those
   * wrote may be missed here and is found in the run's history. `limit` is 1 to 10,000.
   */
  readFeed(after: FeedPosition, options: { readonly limit: number; readonly scope?: FeedScope }): Promise<FeedPage>;
  /** The newest report of each executing run that is newer than `afterMs` by its worker's clock, at most `limit`, oldest first. */
  readProgressFeed(afterMs: number, limit: number): Promise<readonly FeedProgress[]>;
}

/** A decimal number as text; `"0"` is before everything. Only the order of two of one store means something. */
export type FeedPosition = string;

/** Only events of a run and of all runs in it, or of the runs of a job. Default: all. */
export type FeedScope = { readonly rootRunId: RunId } | { readonly job: string };

export interface FeedEvent extends RunEvent {
  readonly position: FeedPosition;
  readonly job: string;
  readonly kind: RunKind;
  readonly rootRunId: RunId;
  readonly parentRunId: RunId | undefined;
  /** First start of the run before `finished`, `failed` and `resumed`; `undefined` with all others, and without one. */
  readonly startedAtMs: number | undefined;
}

export interface FeedPage {
  readonly events: readonly FeedEvent[];
  /** Read on from here; also when there are no events. */
  readonly position: FeedPosition;
  /** Events before this were removed or never had a position: who reads from before it must take a snapshot instead. */
  readonly isComplete: boolean;
  /** Nothing more is there now. A page of a job may be empty and yet not the last: it looks at a part of the stream. */
  readonly isEnd: boolean;
}

export interface FeedProgress extends ProgressRecord {
  /** Number of the run's newest event. */
  readonly seq: number;
  readonly job: string;
  readonly rootRunId: RunId;
  /** First start of the run. */
  readonly startedAtMs: number;
  /** Start of the attempt that reports. */
  readonly attemptStartedAtMs: number;
}
