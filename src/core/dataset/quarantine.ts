// Rows that `quarantine` checks set aside, as people look at them and decide what becomes of them.
import type { DatasetVersion } from "./dataset.ts";

/** Which rows are meant: those that fit all of these, without any of them all rows. */
export interface QuarantineSelection {
  /** The run that set them aside, such as `r42`. */
  readonly run?: string;
  /** Name of a check that they break. */
  readonly check?: string;
  /** Columns with the text of their value, `null` for NULL. */
  readonly where?: Readonly<Record<string, string | null>>;
}

/** Rows of one version of a quarantine. What is set aside later is not among them. */
export interface ChosenRows extends QuarantineSelection {
  /** The dataset that the rows are missing from. */
  readonly dataset: string;
  /** Version of the quarantine. */
  readonly version: number;
}

/** How many rows wait for a decision, and why. */
export interface QuarantineSummary {
  readonly dataset: string;
  readonly version: number;
  readonly rows: number;
  /** A row that breaks two checks counts for both. Most rows first. */
  readonly checks: readonly { readonly name: string; readonly rows: number }[];
  /** By run, newest first; `run` and times are `null` for rows of a version that did not write them down. */
  readonly runs: readonly { readonly run: string | null; readonly rows: number; readonly atMs: number | null }[];
  /** When the oldest row was set aside. */
  readonly oldestAtMs: number | null;
}

/** What a run may do with a quarantine. Both may be done again, with the same rows. */
export interface QuarantineData {
  /**
   * Publishes the chosen rows that are still there into their dataset: added, or merged by its key.
   * @throws MillraceError `CHECKS_FAILED` when a blocking check refuses them, `TARGET_UNSUPPORTED`, `QUARANTINE_UNKNOWN`
   */
  release(chosen: ChosenRows): Promise<{ readonly dataset: DatasetVersion; readonly rows: number }>;
  /** Takes the chosen rows out of the quarantine. @returns how many are left there */
  remove(chosen: ChosenRows): Promise<{ readonly unresolved: number }>;
}

/** Looks at quarantines without changing them. */
export interface QuarantineReader {
  /** @throws MillraceError `QUARANTINE_UNKNOWN` for a dataset that has none */
  summarize(dataset: string, selection?: QuarantineSelection): Promise<QuarantineSummary>;
  /** The rows with why, when and where from; oldest first, at most `limit`. */
  read(
    dataset: string,
    selection: QuarantineSelection,
    limit: number,
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
}
