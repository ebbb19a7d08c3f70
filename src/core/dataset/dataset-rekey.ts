// Defines what it takes to encrypt a dataset anew with the newest key of a project.
import type { DatasetOutput, DatasetVersion } from "./dataset.ts";

/** What to encrypt anew, and how the job of the dataset publishes it. */
export interface RekeyRequest {
  readonly job: string;
  readonly output: DatasetOutput;
  /**
   * Called right before the rows become visible. @throws MillraceError when somebody has published the dataset after `version`, or may
   * do so at any time
   */
  assertUnchanged(version: DatasetVersion): Promise<void>;
}

export interface RekeyResult {
  /** False when every value was under the newest key. */
  readonly changed: boolean;
  /** Columns with encrypted values; none of a sealed dataset, which is encrypted as a whole. */
  readonly columns: readonly string[];
  readonly rows: number;
}
