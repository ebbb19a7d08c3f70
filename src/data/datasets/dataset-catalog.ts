// What the data layer needs of the catalog of datasets. The store fits it; every write is fenced by the run's lease.
import type { DatasetVersion, RunPublications } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";

export interface DatasetCatalog {
  /** The latest version or the one asked for, or `undefined` when no run has published it. */
  find(name: string, version?: number): Promise<DatasetVersion | undefined>;
  /** What this run has recorded of a dataset, and what the newest run has. */
  publications(name: string): Promise<RunPublications>;
  /** Names of all published datasets. */
  names(): Promise<readonly string[]>;
  /** Records what this run published; a repetition returns the first record, unless it is another state of a quarantine. @throws MillraceError `RUN_LOST` */
  record(version: Omit<DatasetVersion, "version" | "createdAtMs">): Promise<DatasetVersion>;
  /** @throws MillraceError `RUN_LOST` when another worker may have the run by now */
  assertHeld(): Promise<void>;
}

/** A version, the latest by default. @throws MillraceError `DATASET_UNKNOWN` with the closest known name or the latest version */
export async function findDataset(catalog: DatasetCatalog, name: string, version?: number): Promise<DatasetVersion> {
  const latest = await catalog.find(name);
  const found = version === undefined ? latest : await catalog.find(name, version);
  if (found !== undefined) return found;
  if (latest !== undefined) {
    throw new MillraceError("DATASET_UNKNOWN", `dataset \`${name}\` has no version \`${version}\``, {
      hint: `its latest version is ${latest.version}`,
    });
  }
  const known = suggest(name, await catalog.names());
  throw new MillraceError("DATASET_UNKNOWN", `unknown dataset \`${name}\`${known}`, {
    hint: "run the job that publishes it first",
  });
}
