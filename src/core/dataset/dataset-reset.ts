// Lists what a reset of a dataset removes.
import type { DatasetLocation, DatasetVersion } from "./dataset.ts";
import type { WatermarkValue } from "./watermark.ts";

export interface ResetPlan {
  readonly dataset: string;
  /** The dataset and its quarantine. */
  readonly datasets: readonly string[];
  /** Those that have published it; how far they have read is forgotten. */
  readonly jobs: readonly string[];
  /** Published versions of all the datasets. */
  readonly versions: number;
  /** The newest version of each of the datasets. */
  readonly newest: readonly PublishedVersion[];
  readonly tables: readonly DatasetLocation[];
  /** Tables that stay because another dataset is in them, too. */
  readonly shared: readonly DatasetLocation[];
  readonly watermarks: readonly { readonly job: string; readonly name: string; readonly value: WatermarkValue }[];
}

/** Says which version it is also after a reset, when they are counted from 1 again. */
export type PublishedVersion = Pick<DatasetVersion, "dataset" | "version" | "runId">;
