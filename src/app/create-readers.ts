// What people look at in an open project beside its runs: datasets, rows set aside, connections.
import type { Engine } from "../compute/engine.ts";
import { findCatalog } from "../connections/catalog/find-catalog.ts";
import type { CatalogReader } from "../core/dataset/catalog-reader.ts";
import type { DatasetReader } from "../core/dataset/dataset-reader.ts";
import type { QuarantineReader } from "../core/dataset/quarantine.ts";
import type { DatasetLookup } from "../data/datasets/dataset-catalog.ts";
import { createQuarantineReader } from "../data/datasets/quarantine/read-quarantine.ts";
import { createDatasetReader } from "../data/datasets/read-dataset.ts";
import type { ConnectionDesk } from "../server/connection-desk.ts";
import { createConnectionDesk } from "./connections/connection-desk.ts";
import type { ConnectionControlOptions } from "./connections/connection-control.ts";

export interface Readers {
  /** Looks at rows that checks have set aside. */
  readonly quarantine: QuarantineReader;
  /** Rows of datasets, for people. */
  readonly rows: DatasetReader;
  /** What the catalog of the project says of tables. */
  readonly catalog: CatalogReader;
  /** Looks at connections, tries one, registers one. */
  readonly connections: ConnectionDesk;
}

/** Nothing is opened before somebody looks. */
export function createReaders(parts: ConnectionControlOptions & { readonly engine: Engine }): Readers {
  const { engine, store, project } = parts;
  const { staging } = project.paths;
  const find: DatasetLookup["find"] = (name, version) => store.findDataset(name, version);
  const names = async (): Promise<string[]> => (await store.listDatasets()).map(({ dataset }) => dataset);
  return {
    quarantine: createQuarantineReader({ engine, catalog: { find }, staging }),
    rows: createDatasetReader({ engine, catalog: { find, names }, staging }),
    catalog: { describe: async (table) => await (await findCatalog()).describe(table) },
    connections: createConnectionDesk(parts),
  };
}
