// Datasets by name, opened at a version or as inputs of a query, where each becomes a view of its name in the session.
import type { EngineSession } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { DatasetVersion } from "../../core/dataset/dataset.ts";
import { type DatasetCatalog, findDataset } from "./dataset-catalog.ts";
import { findTargetFormat, nameFormatsThat } from "../targets/target-registry.ts";
import { reservedNames } from "../dataset-output.ts";
import { defineRows, type TableRows } from "../table-rows.ts";
import { type OpenDatasetOptions, openVersion } from "./dataset-relation.ts";

/**
 * Makes each dataset a relation of its name, at its latest version.
 * @throws MillraceError `DATASET_UNKNOWN` with the closest name, `VALUE_INVALID` for a reserved name, `SOURCE_MISSING`
 */
export async function defineInputs(
  session: EngineSession,
  catalog: DatasetCatalog,
  names: readonly string[],
  options: OpenDatasetOptions,
): Promise<void> {
  for (const name of new Set(names)) {
    if (reservedNames.includes(name)) {
      throw new MillraceError("VALUE_INVALID", `an input cannot have the name of the job's own rows, got: \`${name}\``);
    }
    await defineRows(session, name, await openDataset(session, catalog, { dataset: name }, options));
  }
}

/**
 * The rows of a dataset, by default of its latest version.
 * @throws MillraceError `DATASET_UNKNOWN` | `SOURCE_MISSING`, `VALUE_INVALID` for an earlier version that nothing keeps
 */
export async function openDataset(
  session: EngineSession,
  catalog: DatasetCatalog,
  wanted: { readonly dataset: string; readonly version?: number | undefined },
  options: OpenDatasetOptions,
): Promise<TableRows> {
  const version = await findDataset(catalog, wanted.dataset, wanted.version);
  await assertKept(catalog, version);
  return await openVersion(session, version, options);
}

/** Only some formats remember what a table was; the others show it as it is now. */
async function assertKept(catalog: DatasetCatalog, version: DatasetVersion): Promise<void> {
  const [location] = version.locations;
  const keepsVersions = location !== undefined && findTargetFormat(location.format).abilities.keepsVersions;
  if (keepsVersions || (await catalog.find(version.dataset))?.version === version.version) return;
  throw new MillraceError(
    "VALUE_INVALID",
    `version ${version.version} of dataset \`${version.dataset}\` is gone: its target keeps the latest only`,
    {
      hint: `publish the dataset to a ${nameFormatsThat("keepsVersions")} target, named first, to be able to read earlier versions`,
    },
  );
}
