// A dataset by name, as jobs share it in code: a name that is written once cannot be misspelt in the second job.
import { MillraceError } from "../errors/errors.ts";
import { assertKnownOptions } from "../errors/known-options.ts";
import { assertName } from "../name.ts";

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

/** A handle for `inputs`, `outputs`, `source` and `output`. @throws MillraceError `JOB_INVALID` for a name that no dataset can have */
export function dataset<const Name extends string>(name: Name, options: DatasetOptions = {}): Dataset<Name> {
  assertName("dataset", name);
  assertKnownOptions(`dataset \`${name}\``, options, ["external"]);
  const { external = false } = options;
  if (typeof external === "boolean") return Object.freeze({ kind: "dataset", name, isExternal: external });
  const message = `expected \`external\` of dataset \`${name}\` to be true or false, got: \`${String(external)}\``;
  throw new MillraceError("JOB_INVALID", message);
}

/** Whether a value is a handle, also one made by another copy of this module. */
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
