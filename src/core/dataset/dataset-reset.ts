// What a reset of a dataset takes away.
import type { DatasetLocation } from "./dataset.ts";
import type { WatermarkValue } from "./watermark.ts";

export interface ResetPlan {
  readonly dataset: string;
  /** The dataset and its quarantine. */
  readonly datasets: readonly string[];
  /** Those that have published it; how far they have read is forgotten. */
  readonly jobs: readonly string[];
  /** Published versions of all the datasets. */
  readonly versions: number;
  readonly tables: readonly DatasetLocation[];
  /** Tables that stay because another dataset is in them, too. */
  readonly shared: readonly DatasetLocation[];
  readonly watermarks: readonly { readonly job: string; readonly name: string; readonly value: WatermarkValue }[];
}
