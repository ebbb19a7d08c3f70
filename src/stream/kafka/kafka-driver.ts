// The one place that loads the client library: its connections, protocol requests and codecs. Reading, writing and transactions
// are ours, because those of its `Consumer` deliver what was thrown away and hide what was committed.
import type * as driverModule from "@platformatic/kafka";
import { loadOptional } from "../../core/errors/optional-package.ts";

export type KafkaDriver = typeof driverModule;

/** @throws MillraceError `DEPENDENCY_MISSING` */
export async function loadDriver(): Promise<KafkaDriver> {
  return await loadOptional("@platformatic/kafka", "topics on Kafka", () => import("@platformatic/kafka"));
}
