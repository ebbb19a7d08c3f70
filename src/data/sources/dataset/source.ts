// A published dataset as a source: its latest version, an earlier one that its table can still show, or what changed in it.
import { refusal } from "../../../core/spec/parse-options.ts";
import type { SourceKind } from "../../source.ts";
import { type DatasetSource, datasetSourceSpec } from "./options.ts";
import { openDatasetSource, planDatasetSource } from "./relation.ts";

export const dataset: SourceKind<DatasetSource> = {
  name: "dataset",
  summary: "a published dataset",
  options: datasetSourceSpec,
  assertOptions(where, path, { version, cdf }) {
    if (version !== undefined && cdf !== undefined)
      throw refusal(where, [...path, "version"], "left out beside `cdf`, which says since when", version);
  },
  inputs: (source) => [source.dataset],
  changesOf: ({ dataset, cdf }) => (cdf === undefined ? undefined : dataset),
  plan: planDatasetSource,
  open: openDatasetSource,
};
