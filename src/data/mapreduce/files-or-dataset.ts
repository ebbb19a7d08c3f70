// The option of jobs that work through files or through a dataset.
import { z } from "zod";
import { datasetHandle, type DatasetReference } from "../../core/dataset/dataset-handle.ts";
import type { MapInput } from "../../core/mapreduce/map-reduce-request.ts";
import { expecting } from "../../core/spec/option-notes.ts";
import { name, text, texts } from "../../core/spec/option-values.ts";

/** Paths or patterns, or a dataset. */
export function filesOrDataset(): z.ZodType<MapInput, MapInput> {
  return expecting(
    "an object with `files` or `dataset`",
    z.union([
      z.strictObject({ files: z.union([text("a path"), texts("paths")]) }),
      z.strictObject({ dataset: datasetReference() }),
    ]),
  );
}

/** A dataset by its name or its handle. */
export function datasetReference(): z.ZodType<DatasetReference, DatasetReference> {
  return expecting(
    "a name of lower case letters, digits and `_`, or what `dataset` returns",
    z.union([name(), datasetHandle()]),
  );
}
