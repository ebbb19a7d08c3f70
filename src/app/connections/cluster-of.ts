// The cluster of a project, reached when a job needs it.
import { join, resolve } from "node:path";
import type { Cluster } from "../../compute/cluster.ts";
import type { Environment } from "../../config.ts";
import { resolveSecrets } from "../../connections/registry/resolve-secrets.ts";
import type { Clock } from "../../core/clock.ts";
import { parseDataAddress } from "../../core/dataset/data-address.ts";
import { MillraceError } from "../../core/errors/errors.ts";
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
  const { connect, engine } = compute;
  if (connect === undefined) return undefined;
  return {
    name: "spark",
    isDefault: engine === "spark",
    async open(work) {
      const folder = sharedFolderOf(parts);
      const { openSparkCluster } = await import("../../compute/spark/spark-cluster.ts");
      const address = await readAddress(parts, connect);
      return await openSparkCluster({ address, folder, clock, random: Math.random }, work);
    },
  };
}

/** The address with its secrets. @param connect as the settings say it */
export async function readAddress({ root, environment, onSecret }: ClusterParts, connect: string): Promise<string> {
  return await resolveSecrets(connect, "`compute.connect`", secretSourcesOf(root, environment, onSecret));
}

/** What this machine and Spark both see. @throws MillraceError `CONFIG_INVALID` for a lake that is in no folder */
export function sharedFolderOf({ root, lake, compute: { folder } = {} }: ClusterParts): string {
  if (folder !== undefined) return resolve(root, folder);
  if (parseDataAddress(lake) === undefined) return join(lake, ".millrace-spark");
  throw new MillraceError("CONFIG_INVALID", "a lake in a bucket is no folder for what Spark computes", {
    hint: "set `compute.folder` to a folder that this machine and Spark see under the same path",
  });
}
