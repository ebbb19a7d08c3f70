// The rows of a published dataset.
import { toDatasetName } from "../../../core/dataset/dataset-handle.ts";
import { findDataset } from "../../datasets/dataset-catalog.ts";
import { openDataset } from "../../datasets/open-dataset.ts";
import type { SourcePlan } from "../../../core/dataset/source-plan.ts";
import type { OpenSource, SourceOpening, SourcePlanning } from "../../source.ts";
import type { DatasetSource } from "./options.ts";

/** The rows are copied before they are read twice, since a table may be as it is now. */
export async function openDatasetSource(source: DatasetSource, opening: SourceOpening): Promise<OpenSource> {
  const { session, catalog } = opening;
  const wanted = { dataset: toDatasetName(source.dataset), version: source.version };
  return { rows: await openDataset(session, catalog, wanted, opening), isRepeatable: false };
}

/** The version that would be read now. @throws MillraceError `DATASET_UNKNOWN` */
export async function planDatasetSource(source: DatasetSource, { catalog }: SourcePlanning): Promise<SourcePlan> {
  const { dataset, version } = await findDataset(catalog, toDatasetName(source.dataset), source.version);
  return { kind: "dataset", reads: [{ dataset, version }] };
}
