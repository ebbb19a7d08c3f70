// A dataset by name, as jobs share it in code: a name that is written once cannot be misspelt in the second job.
import { z } from "zod";
import { assertName } from "../name.ts";
import { expecting } from "../spec/option-notes.ts";
import { name as datasetName } from "../spec/option-values.ts";
import { parseOptions } from "../spec/parse-options.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";

/** Made by `dataset`. */
export interface Dataset<Name extends string = string> {
  readonly kind: "dataset";
  readonly name: Name;
  /** Whether something outside of the project publishes it. */
  readonly isExternal: boolean;
}

/** A dataset as jobs may name it. */
export type DatasetReference = string | Dataset;

export interface DatasetOptions {
  /** True for a dataset that no job of the project publishes. It must be there when a job reads it. Default false. */
  readonly external?: boolean;
}

const spec = defineSpec<DatasetOptions>()(() => ({
  external: z
    .boolean()
    .default(false)
    .describe("true for a dataset that no job of the project publishes; it must be there when a job reads it"),
}));

export const datasetSpec: Spec<DatasetOptions> = spec;

/** A handle for `inputs`, `outputs`, `source` and `output`. @throws MillraceError `JOB_INVALID` for a name that no dataset can have */
export function dataset<const Name extends string>(name: Name, options: DatasetOptions = {}): Dataset<Name> {
  assertName("dataset", name);
  const { external } = parseOptions(spec, options, `dataset \`${name}\``);
  return Object.freeze({ kind: "dataset", name, isExternal: external });
}

/** An option that takes a handle. */
export function datasetHandle(): z.ZodType<Dataset, Dataset> {
  return expecting("what `dataset` returns", z.custom<Dataset>(isDataset));
}

/** An option that takes a dataset by its name or its handle. */
export function datasetReference(): z.ZodType<DatasetReference, DatasetReference> {
  return expecting(
    "a name of lower case letters, digits and `_`, or what `dataset` returns",
    z.union([datasetName(), datasetHandle()]),
  );
}

/** An option that takes several. */
export function datasetReferences(): z.ZodType<readonly DatasetReference[], readonly DatasetReference[]> {
  return expecting("a list of datasets", z.array(datasetReference()).readonly());
}

/** Tells whether a value is a handle, also one made by another copy of this module. */
export function isDataset(value: unknown): value is Dataset {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "dataset" && "name" in value;
}

/** The name that is meant; anything but a handle is returned as it is, for the caller to check. */
export function toDatasetName(reference: DatasetReference): string {
  return isDataset(reference) ? reference.name : reference;
}

/** Names of those that are handles of external datasets. */
export function listExternal(references: readonly DatasetReference[]): string[] {
  return references.flatMap((reference) => (isDataset(reference) && reference.isExternal ? [reference.name] : []));
}
