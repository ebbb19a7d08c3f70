// The Spark that all suites of a run of tests share: it takes half a minute to start.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";
import type { Clock } from "../../../src/core/clock.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { ensureDeltaPython } from "../deltalake/delta-rs.ts";
import { findFreePort } from "../loopback-port.ts";
import { bucketSettings, ensureHadoopAws } from "./hadoop-aws.ts";
import { openSession, type SparkConnect, startSparkConnect } from "./spark-connect.ts";

export interface SharedSpark extends SparkConnect {
  /** Where it looks for buckets; a suite that needs one has a service listen there. */
  readonly bucketPort: number;
}

/**
 * The first suite that needs it starts it, and it ends with the run. Its executors run functions of Python, too, and it opens `s3a://` where
 * the jars for that can be got.
 * @throws Error as `startSparkConnect`
 */
export async function sharedSparkConnect(): Promise<SharedSpark> {
  const place = join(inject("sparkFolder"), "server.json");
  const known = await readFile(place, "utf8").catch(() => undefined);
  if (known !== undefined) return toShared(JSON.parse(known) as Pick<SharedSpark, "port" | "bucketPort">);
  const bucketPort = await findFreePort();
  // the suite of buckets says it when they are missing; the others need none
  const jars = await ensureHadoopAws().catch((): readonly string[] => []);
  const workerPython = await ensureDeltaPython();
  const { port, pid, folder } = await startSparkConnect({ workerPython, jars, settings: bucketSettings(bucketPort) });
  await writeFile(place, JSON.stringify({ port, pid, folder, bucketPort }));
  return toShared({ port, bucketPort });
}

/** Closing it does nothing: others use it. */
function toShared({ port, bucketPort }: Pick<SharedSpark, "port" | "bucketPort">): SharedSpark {
  const clock = createSystemClock();
  return {
    port,
    bucketPort,
    open: async (wanted: number = port, parts = "", time: Clock = clock) => await openSession(wanted, parts, time),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
