// Defines what screens read about many runs: recent ones, bars, grids and series. Every read is bounded and goes along
// an index, however long the history is; none counts a whole table or skips rows.
import type { CheckResult } from "../../core/dataset/check.ts";
import type { RunId } from "../../core/run-id.ts";
import type { RunState } from "../../core/job/run-state.ts";
import type { RecentRun } from "../rows/recent-runs.ts";
import type { RunGraphRecord } from "../rows/run-graph.ts";
import type { RunEvent, UnitRecord } from "../rows/run-records.ts";

export interface BrowseStore {
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
  /** Runs of a pipeline or job with the states of their members, newest first, in a bounded number of statements. */
  listGrid(job: string, before: RunId | undefined, limit: number): Promise<GridPage>;
  /** Evaluated checks of the newest runs of each job that published the dataset. */
  listCheckResults(request: {
    readonly jobs: readonly string[];
    readonly sinceMs: number;
    readonly limit: number;
  }): Promise<readonly CheckRecord[]>;
  /** What the newest runs of the jobs left out of a dataset, newest run first. */
  listDiscarded(dataset: string, jobs: readonly string[]): Promise<readonly DiscardedRecord[]>;
  /** Units in order of their loop and key, a keyset page behind `after`. */
  listUnits(request: {
    readonly runId: RunId;
    readonly state?: "done" | "failed";
    readonly after?: Pick<UnitRecord, "loop" | "key">;
    readonly limit: number;
  }): Promise<readonly UnitRecord[]>;
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

export interface GridPage {
  readonly rows: readonly GridRow[];
  /** Go on before this run; `undefined` at the end. A page of wide pipelines has fewer rows than were asked for. */
  readonly nextBefore: RunId | undefined;
}

export interface GridRow {
  readonly run: RecentRun;
  readonly members: readonly (RecentRun & { readonly reason: string | undefined })[];
}

/** A column, or values of it, that a publication left out. */
export interface DiscardedRecord {
  readonly runId: RunId;
  readonly job: string;
  readonly atMs: number;
  readonly column: string;
  readonly type: string;
  /** Of values that were left out, or rows that were set aside. */
  readonly count: number;
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
