// What people look for: runs by their facts and texts, failures that are alike, and log lines. Every read looks at a bounded
// number of rows along an index, however long the history is, and says where it stopped.
import type { RunState } from "../../core/job/run-state.ts";
import type { RunId } from "../../core/run-id.ts";
import type { LogLevel, LogLine, RunSummary } from "../rows/run-records.ts";

export interface SearchStore {
  /**
   * Newest first. A page may be short, even empty, before the end when few rows match: the search looks at a bounded number
   * of runs and says where it stopped. 1,000,000 runs: p95 < 50 ms on Postgres, < 100 ms on SQLite.
   */
  searchRuns(filter: RunSearch): Promise<RunSearchPage>;
  /**
   * Clusters of root runs that failed and were not rerun since, by job and fingerprint, newest first, at most `limit`. Looks at the
   * newest 10,000 failures of that time.
   */
  listFailureClusters(request: {
    readonly sinceMs: number;
    readonly job?: string;
    readonly text?: string;
    readonly limit: number;
  }): Promise<readonly FailureClusterRecord[]>;
  /**
   * Lines of a run and of all runs in it, in order of time. A page may be short, even empty, where few lines match: go on
   * from its cursors.
   */
  searchLogs(request: LogSearch): Promise<LogSearchPage>;
}

export interface RunSearch {
  readonly job?: string;
  readonly notJobs?: readonly string[];
  readonly states?: readonly RunState[];
  /** Created in [sinceMs, untilMs). */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly tenant?: string;
  readonly fingerprint?: string;
  /**
   * A run id such as `r42`, or plain text anywhere in the name of the job, the params or the error (code, message, causes),
   * whatever its case. Of params the first 10,000 characters are looked at. Runs whose job has the text in its name are
   * found however old they are, which can leave out older runs that have it elsewhere.
   */
  readonly text?: string;
  readonly parentRunId?: RunId;
  readonly rootsOnly?: boolean;
  /** Keyset: runs with a smaller id. */
  readonly before?: RunId;
  readonly limit: number;
}

export interface RunSearchPage {
  readonly runs: readonly RunSummary[];
  /** Go on before this run; `undefined` at the end. */
  readonly nextBefore: RunId | undefined;
}

export interface FailureClusterRecord {
  readonly fingerprint: string;
  readonly job: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly errorClass: string | undefined;
  /** Up to 10,000. */
  readonly count: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** The newest few. */
  readonly runIds: readonly RunId[];
}

export interface LogSearch {
  /** The run and all runs in it. */
  readonly runId: RunId;
  readonly text?: string;
  /** At least this level. */
  readonly level?: LogLevel;
  /** Cursors of lines; exclusive. With neither: from the begin, or with `tail` from the end. */
  readonly after?: string;
  readonly before?: string;
  readonly tail?: boolean;
  readonly limit: number;
}

export interface LogSearchPage {
  readonly lines: readonly (LogLine & { readonly job: string; readonly cursor: string })[];
  /** Whether there are lines before and after what was looked at; they need not match. */
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
  /** Where the look began and ended: `before` and `after` of the next one. `undefined` where the run has no lines there. */
  readonly beforeCursor: string | undefined;
  readonly afterCursor: string | undefined;
}
