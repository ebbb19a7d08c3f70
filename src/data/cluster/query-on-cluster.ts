// The rows of a query that a cluster computes, as a relation of this machine's engine: from there on they are published as all others.
import type { Cluster, ClusterSession } from "../../compute/cluster.ts";
import { quoteIdentifier, type Column } from "../../compute/engine.ts";
import { fileList } from "../files/file-list.ts";
import type { DatasetLookup } from "../datasets/dataset-catalog.ts";
import { type ClusterInputs, defineClusterInputs } from "./define-cluster-inputs.ts";

export interface ClusterRequest {
  readonly sql: string;
  readonly isPortable: boolean;
  /** Names that the query reads. */
  readonly inputs: readonly string[];
  /** Identifies what is published among all runs of all stores, and is the same for each attempt of one. */
  readonly name: string;
  /** Of the attempt. */
  readonly epoch: number;
  readonly operation: (text: string) => void;
  /** Told what people need to find the work on the cluster's own screens. */
  readonly onOpen: (where: string) => void;
  /** Told of the same, and by which id the cluster knows the query. */
  readonly onSent: (where: string, operation: string) => Promise<void>;
  /** Told what ends the work with the cluster, to be called when the rows are published, or are not. */
  readonly onEnd: (end: (isPublished: boolean) => Promise<void>) => void;
}

/**
 * Has the query computed.
 * @returns one `select` over the rows
 * @throws MillraceError as `Cluster.open` and `ClusterSession.compute`
 */
export async function queryOnCluster(
  cluster: Cluster,
  { sql, isPortable, inputs, name, epoch, operation, onOpen, onSent, onEnd }: ClusterRequest,
  given: ClusterInputs,
): Promise<string> {
  const session = await cluster.open({ name, epoch, isPortable, spool: given.reading.spool, signal: given.signal });
  onOpen(session.where);
  onEnd((isPublished) => endSession(session, isPublished));
  const identity = JSON.stringify([sql, isPortable, await versionsOf(given.catalog, given.datasets)]);
  const files = await session.compute({
    sql,
    identity,
    prepare: () => defineClusterInputs(session, inputs, given, false),
    onSent: (id) => onSent(session.where, id),
    onProgress: (done, total) => operation(`computing on ${cluster.name}: ${done} of ${total} tasks`),
  });
  return `SELECT * FROM read_parquet(${fileList(files)}, hive_partitioning = false)`;
}

/** The columns that the query would give, as one `select` without rows. */
export async function planOnCluster(
  cluster: Cluster,
  { sql, isPortable, inputs, name }: Pick<ClusterRequest, "sql" | "isPortable" | "inputs" | "name">,
  given: ClusterInputs,
): Promise<string> {
  await using session = await cluster.open({
    name,
    epoch: 1,
    isPortable,
    spool: given.reading.spool,
    signal: given.signal,
  });
  try {
    await defineClusterInputs(session, inputs, given, true);
    return selectNone(await session.describe(sql));
  } finally {
    await session.removeRows();
  }
}

async function endSession(session: ClusterSession, isPublished: boolean): Promise<void> {
  try {
    if (isPublished) await session.removeRows();
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

async function versionsOf(catalog: DatasetLookup, names: readonly string[]): Promise<readonly unknown[]> {
  return await Promise.all(names.map(async (name) => [name, (await catalog.find(name))?.version ?? null]));
}

function selectNone(columns: readonly Column[]): string {
  const list = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteIdentifier(name)}`);
  return `SELECT ${list.join(", ")} WHERE false`;
}
