// Datasets as the inputs of a query: each becomes a view of its name in the session.
import type { EngineSession } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { DatasetSource } from "../../core/dataset/source.ts";
import type { DatasetVersion } from "../../core/dataset/dataset.ts";
import { type DatasetRegistry, findDataset } from "../datasets/dataset-registry.ts";
import { findTargetFormat, nameFormatsThat } from "../targets/target-registry.ts";
import { reservedNames } from "../dataset-output.ts";
import { defineVersion, type OpenDatasetOptions } from "../datasets/dataset-relation.ts";

/**
 * Makes each dataset a relation of its name, at its latest version.
 * @throws MillraceError `DATASET_UNKNOWN` with the closest name, `VALUE_INVALID` for a reserved name, `SOURCE_MISSING`
 */
export async function defineInputs(
  session: EngineSession,
  registry: DatasetRegistry,
  names: readonly string[],
  options: OpenDatasetOptions,
): Promise<void> {
  for (const name of new Set(names)) {
    if (reservedNames.includes(name)) {
      throw new MillraceError("VALUE_INVALID", `an input cannot have the name of the job's own rows, got: \`${name}\``);
    }
    await defineDataset(session, registry, { dataset: name }, options, name);
  }
}

/**
 * Makes a dataset the relation `view`.
 * @throws MillraceError `DATASET_UNKNOWN` | `SOURCE_MISSING`, `VALUE_INVALID` for an earlier version that nothing keeps
 */
export async function defineDataset(
  session: EngineSession,
  registry: DatasetRegistry,
  source: DatasetSource<string>,
  options: OpenDatasetOptions,
  view: string,
): Promise<void> {
  const version = await findDataset(registry, source.dataset, source.version);
  await assertKept(registry, version);
  await defineVersion(session, view, version, options);
}

/** Only some formats remember what a table was; the others show it as it is now. */
async function assertKept(registry: DatasetRegistry, version: DatasetVersion): Promise<void> {
  const [location] = version.locations;
  const keepsVersions = location !== undefined && findTargetFormat(location.format).abilities.keepsVersions;
  if (keepsVersions || (await registry.find(version.dataset))?.version === version.version) return;
  throw new MillraceError(
    "VALUE_INVALID",
    `version ${version.version} of dataset \`${version.dataset}\` is gone: its target keeps the latest only`,
    {
      hint: `publish the dataset to a ${nameFormatsThat("keepsVersions")} target, named first, to be able to read earlier versions`,
    },
  );
}
