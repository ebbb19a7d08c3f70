// A published dataset as a source: its latest version, or an earlier one that its table can still show.
import { type DatasetReference, datasetReference, toDatasetName } from "../../../core/dataset/dataset-handle.ts";
import { optional } from "../../../core/spec/option-notes.ts";
import { integer } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import { openDataset } from "../../datasets/open-dataset.ts";
import type { OpenSource, SourceKind, SourceOpening } from "../../source.ts";

/** A published dataset: its latest version, or an earlier one that its table can still show. */
export interface DatasetSource {
  readonly dataset: DatasetReference;
  /** As `millrace show` tells it, from 1. */
  readonly version?: number;
}

export const dataset: SourceKind<DatasetSource> = {
  name: "dataset",
  options: defineSpec<Partial<DatasetSource>>()(() => ({
    dataset: optional(datasetReference()).describe("a published dataset"),
    version: optional(integer(1), "the latest").describe(
      "of a dataset: an earlier version that its table can still show, as `millrace show` tells it",
    ),
  })),
  inputs: (source) => [source.dataset],
  open,
};

/** The rows are copied before they are read twice, since a table may be as it is now. */
async function open({ dataset: named, version }: DatasetSource, opening: SourceOpening): Promise<OpenSource> {
  const { session, registry } = opening;
  const rows = await openDataset(session, registry, { dataset: toDatasetName(named), version }, opening);
  return { rows, isRepeatable: false };
}
