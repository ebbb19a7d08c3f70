// Gathers what is worth knowing first about a run and the runs in it, in a bounded number of statements.
import type { DatasetLocation } from "../../core/dataset/dataset.ts";
import type { RunId } from "../../core/run-id.ts";
import type { Traffic } from "./exchange-records.ts";
import type { AttemptRecord, RunEvent } from "../rows/run-records.ts";

export interface RunFindings {
  /** The lease that executes it now. */
  readonly executing:
    | { readonly worker: string; readonly epoch: number; readonly attempt: number; readonly startedAtMs: number }
    | undefined;
  /** The last 100 that ended, oldest first. */
  readonly attempts: readonly AttemptRecord[];
  /** Sequence number of the newest event of its history; 0 without one. */
  readonly lastSeq: number;
  /** Units of the run and of the runs in it, counted up to 200,000. */
  readonly units: { readonly done: number; readonly failed: number };
  /** What the run itself asked of services. */
  readonly traffic: Traffic;
  /** The first ten units that failed, by run and key. */
  readonly failedUnits: readonly FailedUnit[];
  /** The run directly in it that failed first; one that failed by itself comes before those that it doomed. */
  readonly firstFailedRunId: RunId | undefined;
  /**
   * Published datasets, where a cluster computes them, evaluated checks, rows set aside and warnings, by run and sequence, at most 1,000. Looks at the last 500 events of
   * the run and of the first 1,000 runs in it.
   */
  readonly events: readonly (RunEvent & { readonly job: string })[];
  /** What code the newest ended attempts of those runs ran, as a fingerprint, by job; the job's last run counts. */
  readonly codes: ReadonlyMap<string, string>;
  /** Dataset versions that results of those runs name, also when the run found them there already; at most 1,000. */
  readonly named: readonly NamedDataset[];
}

/** A unit that failed, with the run that it belongs to. */
export interface FailedUnit {
  readonly runId: RunId;
  readonly job: string;
  readonly key: string;
  readonly error: string | undefined;
}

/** A dataset version that the result of a run names. */
export interface NamedDataset {
  readonly runId: RunId;
  readonly job: string;
  readonly dataset: string;
  readonly version: number;
  readonly rowCount: number;
  readonly locations: readonly DatasetLocation[];
  /** Whether this run published it. */
  readonly isOwn: boolean;
}
