// What screens show of many runs: filtered lists, clusters of failures, bars and series. Every read is bounded and goes
// along an index, however long the history is; none counts a whole table or skips rows.
import type { CheckResult } from "../../core/dataset/check.ts";
import type { RunId } from "../../core/run-id.ts";
import type { RunState } from "../../core/job/run-state.ts";
import type { LogLevel, LogLine, RunEvent, RunSummary, UnitRecord } from "../rows/run-records.ts";

export interface BrowseStore {
  /**
   * Newest first. A page may be short, even empty, before the end when few rows match: the search looks at a bounded number
   * of runs and says where it stopped. 1,000,000 runs: p95 < 50 ms on Postgres, < 100 ms on SQLite.
   */
  searchRuns(filter: RunSearch): Promise<RunSearchPage>;
  /**
   * Of root runs that failed and were not rerun since, by job and fingerprint, newest first, at most `limit`. Looks at the
   * newest 10,000 failures of that time.
   */
  listFailureClusters(request: {
    readonly sinceMs: number;
    readonly job?: string;
    readonly text?: string;
    readonly limit: number;
  }): Promise<readonly FailureClusterRecord[]>;
  /** The last runs of each job, newest first, at most `limit` each; in one statement for all jobs. */
  listRecentRuns(jobs: readonly string[], limit: number): Promise<readonly RecentRun[]>;
  /** Unfinished runs by job and state, each counted up to `cap`. Looks at the newest 30,000 of each table that holds some. */
  countUnfinished(
    cap: number,
  ): Promise<readonly { readonly job: string; readonly state: RunState; readonly count: number }[]>;
  /** Root runs that overlap the range, newest first. */
  listBars(range: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly limit: number;
  }): Promise<readonly RunBar[]>;
  /** Equal buckets over the range, at most 240, from a sample where there are too many runs. Failures are always counted. */
  readSeries(request: SeriesRequest): Promise<Series>;
  /** Ended runs of the range, evenly sampled, at most `limit`. */
  sampleDurations(
    request: Omit<SeriesRequest, "bucketMs"> & { readonly limit: number },
  ): Promise<readonly DurationSample[]>;
  /** Runs inside a run with attempts, by id; of a run without any, itself. A statement for each level, however many runs. */
  readRunGraph(runId: RunId, limit: number): Promise<RunGraphRecord>;
  /** Root runs of a pipeline with the states of their members, newest first, in a bounded number of statements. */
  listGrid(job: string, before: RunId | undefined, limit: number): Promise<GridPage>;
  /**
   * Lines of a run and of all runs in it, in order of time. A page may be short, even empty, where few lines match: go on
   * from its cursors.
   */
  searchLogs(request: LogSearch): Promise<LogSearchPage>;
  /** Evaluated checks of the newest runs of each job that published the dataset. */
  listCheckResults(request: {
    readonly jobs: readonly string[];
    readonly sinceMs: number;
    readonly limit: number;
  }): Promise<readonly CheckRecord[]>;
  /** Units in order of their loop and key, a keyset page behind `after`. */
  listUnits(request: {
    readonly runId: RunId;
    readonly state?: "done" | "failed";
    readonly after?: Pick<UnitRecord, "loop" | "key">;
    readonly limit: number;
  }): Promise<readonly UnitRecord[]>;
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

export interface RecentRun {
  readonly runId: RunId;
  readonly job: string;
  readonly state: RunState;
  readonly createdAtMs: number;
  readonly startedAtMs: number | undefined;
  readonly finishedAtMs: number | undefined;
  /** `rows` or `records` of its result, where it states them. */
  readonly records: number | undefined;
}

export interface RunBar {
  readonly runId: RunId;
  readonly job: string;
  readonly state: RunState;
  readonly fromMs: number;
  readonly toMs: number | undefined;
}

export interface SeriesRequest {
  readonly job?: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
}

export interface Series {
  readonly buckets: readonly SeriesBucket[];
  /** How many runs each run that was looked at stands for; 1 when all were. */
  readonly sampledOneIn: number;
}

export interface SeriesBucket {
  readonly atMs: number;
  readonly finished: number;
  readonly failed: number;
  readonly records: number;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  readonly queueP95Ms: number | undefined;
  readonly cpuMs: number;
  readonly peakMemoryBytes: number | undefined;
  readonly networkBytes: number;
  readonly storeMs: number;
}

export interface DurationSample {
  readonly runId: RunId;
  readonly job: string;
  readonly state: RunState;
  readonly atMs: number;
  readonly durationMs: number;
}

export interface RunGraphRecord {
  readonly runs: readonly (RunSummary & {
    readonly spans: readonly {
      readonly startedAtMs: number;
      readonly endedAtMs: number | undefined;
      readonly end: string | undefined;
    }[];
  })[];
  readonly edges: readonly { readonly from: RunId; readonly to: RunId }[];
  readonly truncated: boolean;
}

export interface GridPage {
  readonly rows: readonly GridRow[];
  /** Go on before this run; `undefined` at the end. A page of wide pipelines has fewer rows than were asked for. */
  readonly nextBefore: RunId | undefined;
}

export interface GridRow {
  readonly run: RecentRun;
  readonly members: readonly (RecentRun & { readonly reason: string | undefined })[];
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

export interface CheckRecord {
  readonly runId: RunId;
  readonly job: string;
  readonly atMs: number;
  readonly dataset: string;
  readonly results: readonly CheckResult[];
  /** Events of the same run that say where rows were set aside. */
  readonly setAside: readonly RunEvent[];
}
