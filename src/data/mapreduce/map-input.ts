// The option of jobs that work through files, a dataset or a topic.
import { z } from "zod";
import { datasetHandle, type DatasetReference } from "../../core/dataset/dataset-handle.ts";
import type { MapInput } from "../../core/mapreduce/map-reduce-request.ts";
import type { JobInput } from "../../core/job/job-inputs.ts";
import { expecting } from "../../core/spec/option-notes.ts";
import { name, text, texts } from "../../core/spec/option-values.ts";
import { topicOption } from "../../core/stream/topic.ts";

/** Paths or patterns, a dataset, or a topic. */
export function mapInput(): z.ZodType<MapInput, MapInput> {
  return expecting(
    "an object with `files`, `dataset` or `topic`",
    z.union([
      z.strictObject({ files: z.union([text("a path"), texts("paths")]) }),
      z.strictObject({ dataset: datasetReference() }),
      z.strictObject({ topic: topicOption() }),
    ]),
  );
}

/** What a job reads by name. */
export function jobInputsOf(input: MapInput): readonly JobInput[] {
  if ("dataset" in input) return [input.dataset];
  return "topic" in input ? [input.topic] : [];
}

/** A dataset by its name or its handle. */
export function datasetReference(): z.ZodType<DatasetReference, DatasetReference> {
  return expecting(
    "a name of lower case letters, digits and `_`, or what `dataset` returns",
    z.union([name(), datasetHandle()]),
  );
}
