// Datasets as the inputs of a query: each becomes a view of its name in the session.
import type { EngineSession } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors.ts";
import { type DatasetRegistry, findDataset } from "../dataset-registry.ts";
import { datasetRelation } from "../dataset-relation.ts";

/** Names that stand for rows of the query itself. */
export const reservedNames: readonly string[] = ["source", "rows"];

/**
 * Makes each dataset a view of its name, at its latest version.
 * @param spool folder for copies of database tables; the caller deletes it
 * @throws MillraceError `DATASET_UNKNOWN` with the closest name, `VALUE_INVALID` for a reserved name, `SOURCE_MISSING`
 */
export async function defineInputs(
  session: EngineSession,
  registry: DatasetRegistry,
  names: readonly string[],
  spool: string,
): Promise<void> {
  for (const name of new Set(names)) {
    if (reservedNames.includes(name)) {
      throw new MillraceError("VALUE_INVALID", `an input cannot have the name of the job's own rows, got: \`${name}\``);
    }
    await defineDataset(session, registry, name, spool, name);
  }
}

/** Makes a dataset the view `view`. @throws MillraceError `DATASET_UNKNOWN` | `SOURCE_MISSING` */
export async function defineDataset(
  session: EngineSession,
  registry: DatasetRegistry,
  name: string,
  spool: string,
  view: string,
): Promise<void> {
  const version = await findDataset(registry, name);
  await session.defineView(view, await datasetRelation(session, version, spool));
}
