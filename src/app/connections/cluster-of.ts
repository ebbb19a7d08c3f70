// The cluster of a project, reached when a job needs it.
import { join, resolve } from "node:path";
import type { Cluster } from "../../compute/cluster.ts";
import type { Environment } from "../../config.ts";
import { resolveSecrets } from "../../connections/registry/resolve-secrets.ts";
import type { Clock } from "../../core/clock.ts";
import type { SharedPlace } from "../../compute/spark/cluster/shared-folder.ts";
import { joinAddress, parseDataAddress } from "../../core/dataset/data-address.ts";
import { findDataPlace } from "../../data/files/data-place.ts";
import type { ComputeOptions } from "../../project/project-options.ts";
import { secretSourcesOf } from "./secret-sources.ts";

export interface ClusterParts {
  readonly root: string;
  /** Absolute, or an address. */
  readonly lake: string;
  readonly compute: ComputeOptions | undefined;
  readonly environment: Pick<Environment, "readVariable">;
  readonly clock: Clock;
  /** Told of each secret, for whoever masks what is shown. */
  readonly onSecret: (secret: string) => void;
}

/** `undefined`: the project has none. Nothing is loaded before a job asks. */
export function clusterOf(parts: ClusterParts): Cluster | undefined {
  const { compute = {}, clock } = parts;
  const { connect, engine, ui } = compute;
  if (connect === undefined) return undefined;
  return {
    name: "Spark",
    isDefault: engine === "spark",
    async open(work) {
      const place = sharedPlaceOf(parts);
      const { openSparkCluster } = await import("../../compute/spark/spark-cluster.ts");
      const address = await readAddress(parts, connect);
      return await openSparkCluster({ address, place, ui, clock, random: Math.random }, work);
    },
  };
}

/** The address with its secrets. @param connect as the settings say it */
export async function readAddress({ root, environment, onSecret }: ClusterParts, connect: string): Promise<string> {
  return await resolveSecrets(connect, "`compute.connect`", secretSourcesOf(root, environment, onSecret));
}

/**
 * What this machine and Spark both see: a folder, or a part of a bucket. Spark opens the bucket by the scheme that the settings have, and by
 * `s3a`, which its own distribution has, that of a lake.
 * @throws MillraceError `CONNECTION_UNKNOWN` for a bucket that no connection leads to, `VALUE_INVALID` for an address of another kind
 */
export function sharedPlaceOf({ root, lake, compute: { folder } = {} }: ClusterParts): SharedPlace {
  if (folder === undefined) {
    const address = parseDataAddress(lake);
    if (address?.kind !== "bucket") return { folder: join(address?.path ?? lake, hidden) };
    return bucketPlace(joinAddress(`s3a://${address.bucket}${address.key === "" ? "" : `/${address.key}`}`, hidden));
  }
  const address = parseDataAddress(folder);
  if (address?.kind === "bucket") return bucketPlace(folder.replace(/\/+$/, ""));
  return { folder: resolve(root, address?.path ?? folder) };
}

/** For people. */
export function printPlace(place: SharedPlace): string {
  return "folder" in place ? place.folder : place.address;
}

const hidden = ".millrace-spark";

function bucketPlace(address: string): SharedPlace {
  const place = findDataPlace({ path: address });
  if ("local" in place) return { folder: place.local };
  return { connection: place.remote.connection, key: place.remote.path, address };
}
