// Looks whether Spark can be reached, computes, and leaves its rows where this machine sees them.
import { randomUUID } from "node:crypto";
import { clusterOf, printPlace, sharedPlaceOf } from "../../app/connections/cluster-of.ts";
import type { Environment } from "../../config.ts";
import { lendSecretServices } from "../../app/connections/secret-sources.ts";
import { withScratch } from "../../data/files/scratch-folder.ts";
import { createSystemClock } from "../../platforms/local/system-clock.ts";
import type { Project } from "../../project/project.ts";
import type { Finding } from "./diagnosis.ts";

/** @throws MillraceError what opening a session and a query of one row fail with */
export async function lookAtSpark({ root, paths, settings }: Project, environment: Environment): Promise<Finding> {
  const clock = createSystemClock();
  await using _services = lendSecretServices(environment, clock);
  const { compute } = settings;
  const parts = { root, lake: paths.lake, compute, environment, clock, onSecret: () => undefined };
  const cluster = clusterOf(parts);
  if (cluster === undefined) return { detail: "none" };
  const { signal } = new AbortController();
  await withScratch(async (spool) => {
    await using session = await cluster.open({
      name: `doctor ${randomUUID()}`,
      epoch: 1,
      isPortable: false,
      spool,
      signal,
    });
    try {
      await session.compute({
        sql: "SELECT 1 AS one",
        identity: "one",
        prepare: () => Promise.resolve(),
        onSent: () => Promise.resolve(),
        onProgress: () => undefined,
      });
    } finally {
      await session.removeRows();
    }
  });
  const use = cluster.isDefault ? "computes portable SQL" : "computes what names it";
  return { detail: `answers, ${use}, and its rows are seen in ${printPlace(sharedPlaceOf(parts))}` };
}
