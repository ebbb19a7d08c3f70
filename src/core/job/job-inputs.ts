// What jobs read by name: datasets, and topics whose records queries see as rows.
import { z } from "zod";
import { datasetHandle, type DatasetReference } from "../dataset/dataset-handle.ts";
import { expecting } from "../spec/option-notes.ts";
import { name as inputName } from "../spec/option-values.ts";
import { refusal } from "../spec/parse-options.ts";
import { isTopic, type Topic, topicOption } from "../stream/topic.ts";

/** A dataset by name or handle, or a topic as `defineTopic` returns it. */
export type JobInput = DatasetReference | Topic;

/** An option that takes several. */
export function jobInputs(): z.ZodType<readonly JobInput[], readonly JobInput[]> {
  const input = expecting(
    "a name of lower case letters, digits and `_`, or what `dataset` or `defineTopic` returns",
    z.union([inputName(), datasetHandle(), topicOption()]),
  );
  return expecting("a list of datasets and topics", z.array(input).readonly());
}

/** Inputs by their kind. */
export interface SplitInputs {
  readonly datasets: readonly DatasetReference[];
  readonly topics: readonly Topic[];
}

/** @throws MillraceError `JOB_INVALID` for a topic and a dataset of one name, of which a query could mean either */
export function splitInputs(where: string, inputs: readonly JobInput[]): SplitInputs {
  const topics = inputs.filter(isTopic);
  const datasets = inputs.filter((input): input is DatasetReference => !isTopic(input));
  for (const input of datasets) {
    const named = typeof input === "string" ? input : input.name;
    if (!topics.some(({ name }) => name === named)) continue;
    throw refusal(where, ["inputs"], "names that differ, as queries call datasets and topics by them", named);
  }
  return { datasets, topics };
}
