// The quarantine of a dataset in the catalog.
import type { DatasetVersion } from "../../../core/dataset/dataset.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { quarantineDataset } from "../../dataset-output.ts";
import type { DatasetCatalog } from "../dataset-catalog.ts";
import { reasonsColumn } from "./aside-columns.ts";

/** A version of the quarantine, the latest by default. @throws MillraceError `QUARANTINE_UNKNOWN` when the dataset has none */
export async function findQuarantine(
  catalog: Pick<DatasetCatalog, "find">,
  dataset: string,
  version?: number,
): Promise<DatasetVersion> {
  const found = await catalog.find(quarantineDataset(dataset), version);
  // any job may publish a dataset of such a name
  if (found?.schema.some(({ name }) => name === reasonsColumn)) return found;
  throw new MillraceError("QUARANTINE_UNKNOWN", `dataset \`${dataset}\` has no quarantine`, {
    hint: "it gets one when a job with a check of severity `quarantine` publishes it; `millrace quarantine list` shows what there is",
  });
}
