// The inputs of a query on a cluster: files of a dataset as they lie, wherever the cluster can read them by itself, else a copy as Parquet
// in a place that it sees.
import type { ClusterSession, StoredFiles } from "../../compute/cluster.ts";
import { type EngineSession, quoteIdentifier } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { type DatasetLookup, findDataset } from "../datasets/dataset-catalog.ts";
import type { TableReading } from "../target.ts";
import { targetFormats } from "../targets/target-registry.ts";

export interface ClusterInputs {
  /** Where each name is a relation already. */
  readonly session: EngineSession;
  readonly catalog: DatasetLookup;
  /** Names of datasets; all other names are those of topics. */
  readonly datasets: readonly string[];
  readonly reading: Pick<TableReading, "spool" | "warn">;
  readonly signal: AbortSignal;
}

/**
 * Makes each name a table of the cluster.
 * @param isPlanned only columns are wanted, and nothing is copied
 * @throws MillraceError `SCHEMA_MISMATCH` for a type that the cluster lacks, `VALUE_INVALID` for a sealed dataset
 */
export async function defineClusterInputs(
  cluster: ClusterSession,
  names: readonly string[],
  inputs: ClusterInputs,
  isPlanned: boolean,
): Promise<void> {
  const tables = new Map<string, StoredFiles>();
  for (const name of new Set(names)) {
    const stored = inputs.datasets.includes(name) ? await findFiles(name, inputs) : undefined;
    const isSeen = stored !== undefined && cluster.reads(stored);
    tables.set(name, isSeen ? stored : await copyRows(cluster, name, inputs, isPlanned));
  }
  // a cluster takes a tenth of a second for each, however small
  await Promise.all([...tables].map(([name, files]) => cluster.defineTable(name, files)));
}

async function findFiles(name: string, { session, catalog, reading }: ClusterInputs): Promise<StoredFiles | undefined> {
  const [location] = (await findDataset(catalog, name)).locations;
  const format = targetFormats.find((known) => known.name === location?.format);
  if (location === undefined || format === undefined) throw sealedInput(name);
  return await format.storedFiles?.(location, { ...reading, session });
}

/** Large numbers and texts are copied as they are; all else that the cluster lacks is told by it. */
async function copyRows(
  cluster: ClusterSession,
  name: string,
  { session, reading, signal }: ClusterInputs,
  isPlanned: boolean,
): Promise<StoredFiles> {
  const sql = `SELECT * FROM ${quoteIdentifier(name)}`;
  const columns = await session.describe(sql);
  if (isPlanned) return { paths: [], columns };
  let rows = 0;
  const path = await cluster.putInput(`${name}.parquet`, async (to) => {
    const [file] = await session.writeParquet(sql, { path: to, signal });
    rows = file?.rows ?? 0;
  });
  reading.warn(`input \`${name}\` was copied for Spark, which does not read where it is: ${rows} rows`);
  return { paths: [path], columns };
}

function sealedInput(name: string): MillraceError {
  return new MillraceError("VALUE_INVALID", `a sealed dataset is not given to a cluster, got: \`${name}\``, {
    hint: "read it in a job that runs here",
  });
}
