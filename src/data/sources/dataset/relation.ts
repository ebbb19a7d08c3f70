// The rows of a published dataset, or what changed in it.
import { MillraceError } from "../../../core/errors/errors.ts";
import { toDatasetName } from "../../../core/dataset/dataset-handle.ts";
import { findDataset } from "../../datasets/dataset-catalog.ts";
import { openDataset } from "../../datasets/open-dataset.ts";
import type { SourcePlan } from "../../../core/dataset/source-plan.ts";
import type { OpenSource, SourceOpening, SourcePlanning } from "../../source.ts";
import { findTargetFormat, nameFormatsThat } from "../../targets/target-registry.ts";
import type { ChangeFeed, DatasetSource } from "./options.ts";

/** The rows are copied before they are read twice, since a table may be as it is now. */
export async function openDatasetSource(source: DatasetSource, opening: SourceOpening): Promise<OpenSource> {
  const { session, catalog } = opening;
  if (source.cdf !== undefined) return await openChanges(source, source.cdf, opening);
  const wanted = { dataset: toDatasetName(source.dataset), version: source.version };
  return { rows: await openDataset(session, catalog, wanted, opening), isRepeatable: false };
}

/** Versions stay what they are, so that they may be read twice. */
async function openChanges(
  { dataset }: DatasetSource,
  { since = 0 }: ChangeFeed,
  opening: SourceOpening,
): Promise<OpenSource> {
  const [location] = (await findDataset(opening.catalog, toDatasetName(dataset))).locations;
  const format = location && findTargetFormat(location.format);
  if (location === undefined || format?.readChanges === undefined) {
    throw new MillraceError(
      "TARGET_UNSUPPORTED",
      `dataset \`${toDatasetName(dataset)}\` does not know its changes, got: \`${location?.format ?? "no table"}\``,
      { hint: `publish it to a ${nameFormatsThat("keepsVersions")} target, named first` },
    );
  }
  const span = { since, ...opening.reading.changes };
  return { rows: await format.readChanges(location, opening, span), isRepeatable: true };
}

/** The version that would be read now. @throws MillraceError `DATASET_UNKNOWN` */
export async function planDatasetSource(source: DatasetSource, { catalog }: SourcePlanning): Promise<SourcePlan> {
  const { dataset, version } = await findDataset(catalog, toDatasetName(source.dataset), source.version);
  return { kind: "dataset", reads: [{ dataset, version }] };
}
