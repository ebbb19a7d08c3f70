// Spark as the cluster of a project. A session is opened for each publication that needs one, and is taken up again by the next attempt.
import type { ClusterSession, ClusterWork } from "../cluster.ts";
import { nameUuid } from "./cluster/name-uuid.ts";
import { createLocalFolder } from "./cluster/local-folder.ts";
import { ResultFolder } from "./cluster/result-folder.ts";
import type { SharedFolder, SharedPlace } from "./cluster/shared-folder.ts";
import { SparkClusterSession } from "./cluster/cluster-session.ts";
import { ConnectSession } from "./connect/connect-session.ts";
import type { Chance } from "./connect/retry-backoff.ts";
import { portableSettings } from "../portable-sql/portable-settings.ts";
import { describeSession } from "./describe-session.ts";
import { prepareSession, type WantedSetting } from "./prepare-session.ts";

export interface SparkClusterOptions extends Chance {
  /** `sc://host:port/;token=…`. */
  readonly address: string;
  /** That Spark sees, too; a folder under the same path. */
  readonly place: SharedPlace;
  /** Address of Spark's own screens, as `compute.ui` says it. */
  readonly ui?: string | undefined;
}

/** @throws MillraceError as `Cluster.open` */
export async function openSparkCluster(
  { address, place, ui, clock, random }: SparkClusterOptions,
  { name, epoch, isPortable, spool, signal }: ClusterWork,
): Promise<ClusterSession> {
  const results = new ResultFolder(await openPlace(place, { spool, signal }), name);
  await results.open(clock.now());
  await results.claim(epoch);
  // one that the address names would be shared by all runs
  const sessionId = nameUuid(`session ${name}`);
  const session = await ConnectSession.open({ address, sessionId, clock, random, signal });
  try {
    await prepareSession(session, signal, [...fileSettings, ...(isPortable ? portableSettings : [])]);
    const tag = `millrace:${name}`.replaceAll(",", " ");
    const where = await describeSession(session, { address, ui, tag, signal });
    return new SparkClusterSession({ session, results, where, tag, signal });
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

async function openPlace(
  place: SharedPlace,
  own: { readonly spool: string; readonly signal: AbortSignal },
): Promise<SharedFolder> {
  if ("folder" in place) return createLocalFolder(place.folder);
  // few clusters share a bucket
  const { createBucketFolder } = await import("./cluster/bucket-folder.ts");
  return createBucketFolder({ ...place, ...own });
}

const fileSettings: readonly WantedSetting[] = [
  {
    key: "spark.sql.parquet.outputTimestampType",
    value: "TIMESTAMP_MICROS",
    why: "its own form of instants is not read everywhere",
  },
];
