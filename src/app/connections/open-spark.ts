// Opens sessions of Spark with the time and the chance of this machine.
import type { SparkOptions, SparkSession } from "../../compute/spark/spark-session.ts";
import { createSystemClock } from "../../platforms/local/system-clock.ts";

/**
 * Opens a session of Spark over Spark Connect, for code of a job; close it with `await using`. It needs the packages
 * `@grpc/grpc-js` and `apache-arrow` beside Millrace, and Spark 4.0 or newer.
 * @throws MillraceError `CONFIG_INVALID`, `DEPENDENCY_MISSING`, `AUTHENTICATION_FAILED`, `CERTIFICATE_INVALID`,
 *   `SERVICE_UNAVAILABLE`, `CAPABILITY_MISSING`
 */
export async function openSpark(options: SparkOptions): Promise<SparkSession> {
  const { openSparkSession } = await import("../../compute/spark/spark-session.ts");
  return await openSparkSession(options, { clock: createSystemClock(), random: Math.random });
}
