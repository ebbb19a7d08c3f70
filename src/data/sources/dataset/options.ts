// Defines the options of a source that reads a published dataset.
import { type DatasetReference, datasetReference } from "../../../core/dataset/dataset-handle.ts";
import { optional } from "../../../core/spec/option-notes.ts";
import { integer } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";

/** A published dataset: its latest version, or an earlier one that its table can still show. */
export interface DatasetSource {
  readonly dataset: DatasetReference;
  /** As `millrace show` tells it, from 1. */
  readonly version?: number;
}

export const datasetSourceSpec: Spec<Partial<DatasetSource>> = defineSpec<Partial<DatasetSource>>()(() => ({
  dataset: optional(datasetReference()).describe("a published dataset"),
  version: optional(integer(1), "the latest").describe(
    "of a dataset: an earlier version that its table can still show, as `millrace show` tells it",
  ),
}));
