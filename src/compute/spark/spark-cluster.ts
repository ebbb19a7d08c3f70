// Spark as the cluster of a project. A session is opened for each publication that needs one, and is taken up again by the next attempt.
import type { ClusterSession, ClusterWork } from "../cluster.ts";
import { nameUuid } from "./cluster/name-uuid.ts";
import { ResultFolder } from "./cluster/result-folder.ts";
import { SparkClusterSession } from "./cluster/cluster-session.ts";
import { ConnectSession } from "./connect/connect-session.ts";
import type { Chance } from "./connect/retry-backoff.ts";
import { portableSettings } from "../portable-sql/portable-settings.ts";
import { prepareSession, type WantedSetting } from "./prepare-session.ts";

export interface SparkClusterOptions extends Chance {
  /** `sc://host:port/;token=…`. */
  readonly address: string;
  /** Absolute; Spark sees it under the same path. */
  readonly folder: string;
}

/** @throws MillraceError as `Cluster.open` */
export async function openSparkCluster(
  { address, folder, clock, random }: SparkClusterOptions,
  { name, isPortable, signal }: ClusterWork,
): Promise<ClusterSession> {
  const results = new ResultFolder(folder, name);
  await results.open(clock.now());
  // one that the address names would be shared by all runs
  const sessionId = nameUuid(`session ${name}`);
  const session = await ConnectSession.open({ address, sessionId, clock, random, signal });
  try {
    await prepareSession(session, signal, [...fileSettings, ...(isPortable ? portableSettings : [])]);
    return new SparkClusterSession({ session, results, tag: `millrace:${name}`.replaceAll(",", " "), signal });
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

const fileSettings: readonly WantedSetting[] = [
  {
    key: "spark.sql.parquet.outputTimestampType",
    value: "TIMESTAMP_MICROS",
    why: "its own form of instants is not read everywhere",
  },
];
