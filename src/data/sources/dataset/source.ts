// A published dataset as a source: its latest version, or an earlier one that its table can still show.
import type { SourceKind } from "../../source.ts";
import { type DatasetSource, datasetSourceSpec } from "./options.ts";
import { openDatasetSource, planDatasetSource } from "./relation.ts";

export const dataset: SourceKind<DatasetSource> = {
  name: "dataset",
  summary: "a published dataset",
  options: datasetSourceSpec,
  inputs: (source) => [source.dataset],
  plan: planDatasetSource,
  open: openDatasetSource,
};
