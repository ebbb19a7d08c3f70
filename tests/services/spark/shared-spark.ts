// The Spark that all suites of a run of tests share: it takes half a minute to start.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";
import type { Clock } from "../../../src/core/clock.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { ensureDeltaPython } from "../deltalake/delta-rs.ts";
import { openSession, type SparkConnect, startSparkConnect } from "./spark-connect.ts";

/**
 * The first suite that needs it starts it, and it ends with the run. Its executors run functions of Python, too.
 * @throws Error as `startSparkConnect`
 */
export async function sharedSparkConnect(): Promise<SparkConnect> {
  const place = join(inject("sparkFolder"), "server.json");
  const known = await readFile(place, "utf8").catch(() => undefined);
  if (known !== undefined) return toShared((JSON.parse(known) as { readonly port: number }).port);
  const { port, pid, folder } = await startSparkConnect({ workerPython: await ensureDeltaPython() });
  await writeFile(place, JSON.stringify({ port, pid, folder }));
  return toShared(port);
}

/** Closing it does nothing: others use it. */
function toShared(port: number): SparkConnect {
  const clock = createSystemClock();
  return {
    port,
    open: async (wanted: number = port, parts = "", time: Clock = clock) => await openSession(wanted, parts, time),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
