// What is expected of jobs and datasets in time. Any number of processes may look for what is due; comparing and setting
// `dueAtMs` makes each turn from met to broken and back happen once.
import type { NewNotice } from "../../core/notification/notice.ts";
import type { RunId } from "../../core/run-id.ts";
import type { Json } from "../rows/run-records.ts";

export interface ExpectationStore {
  /**
   * Inserts what is new, and begins anew with what changed; the rest is left alone. Rules that nobody has looked at for a
   * week since they were due are removed: no project has them any more.
   */
  saveExpectations(expectations: readonly NewExpectation[]): Promise<void>;
  /** Those that are due, the longest overdue first; `after`, the last one of an earlier answer, goes on behind it. */
  listDueExpectations(limit: number, after?: ExpectationRecord): Promise<readonly DueExpectation[]>;
  /** Rules of these names, in no order. */
  findExpectations(kind: ExpectationKind, names: readonly string[]): Promise<readonly ExpectationRecord[]>;
  /** What tells whether runs came in time. At most 1,000 jobs. */
  readPunctuality(questions: readonly PunctualityQuestion[]): Promise<readonly PunctualityFacts[]>;
  /** The newest version of each of these datasets; those that were never published are left out. */
  readFreshness(datasets: readonly string[]): Promise<readonly FreshnessFacts[]>;
  /**
   * Writes each verdict whose rule still stands where it was seen, with what people are told of its turn, in one transaction.
   * @returns the turns that it made
   */
  applyVerdicts(verdicts: readonly Verdict[]): Promise<readonly ExpectationTurn[]>;
  /** Turns of one rule, newest first. */
  listTurns(request: TurnsRequest): Promise<readonly ExpectationTurn[]>;
}

export type ExpectationKind = "job" | "dataset";

export interface NewExpectation {
  readonly kind: ExpectationKind;
  readonly name: string;
  /** The checked rule; its meaning belongs to the orchestrator. */
  readonly rule: Json;
  /** The first instant that is awaited, and when to look whether it came. */
  readonly expectedAtMs: number;
  readonly dueAtMs: number;
}

export interface ExpectationRecord extends NewExpectation {
  /** When the rule was saved; what was before is nobody's fault. */
  readonly savedAtMs: number;
  readonly state: "met" | "broken";
  /** The deadline that passed; `undefined` while it is met. */
  readonly sinceMs: number | undefined;
  /** The run that is late, where there is one. */
  readonly runId: RunId | undefined;
}

export interface DueExpectation extends ExpectationRecord {
  /** The store's time of the look: decisions go by it, not by the clock of the process. */
  readonly seenAtMs: number;
}

export interface PunctualityQuestion {
  readonly job: string;
  /** The instant of its schedule; left out for a job that no time starts. */
  readonly fireAtMs?: number;
}

/** About the last runs of a job, without those of backfills. */
export interface PunctualityFacts {
  readonly job: string;
  readonly isPaused: boolean;
  /** What became of the instant that was asked for; `undefined` while that is undecided. */
  readonly fire:
    | {
        readonly decision: "run" | "missed" | "overlapped" | "filled";
        readonly runId: RunId | undefined;
        readonly isFinished: boolean;
      }
    | undefined;
  /** The last 20, newest first. */
  readonly runs: readonly {
    readonly runId: RunId;
    readonly createdAtMs: number;
    readonly state: "FINISHED" | "ERROR" | undefined;
  }[];
}

export interface FreshnessFacts {
  readonly dataset: string;
  readonly version: number;
  readonly createdAtMs: number;
  /** The newest time among its rows, where its freshness goes by a column. */
  readonly newestAtMs: number | undefined;
}

export interface Verdict {
  readonly kind: ExpectationKind;
  readonly name: string;
  /** The `dueAtMs` that the verdict is based on. */
  readonly seenDueAtMs: number;
  readonly state: ExpectationRecord["state"];
  readonly expectedAtMs: number;
  readonly dueAtMs: number;
  readonly sinceMs: number | undefined;
  readonly runId: RunId | undefined;
  /** What people are told if it turns what was before. */
  readonly notices?: readonly NewNotice[];
}

/** `late` and `on_time` of jobs, `stale` and `fresh` of datasets. */
export interface ExpectationTurn {
  readonly kind: ExpectationKind;
  readonly name: string;
  readonly turn: "late" | "on_time" | "stale" | "fresh";
  readonly atMs: number;
  readonly expectedAtMs: number;
  readonly runId: RunId | undefined;
}

export interface TurnsRequest {
  readonly kind: ExpectationKind;
  readonly name: string;
  readonly beforeMs?: number;
  readonly limit: number;
}
