// The log on Kafka with the time of the machine.
import type { StreamLog } from "../../../src/core/stream/stream-log.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { openKafkaLog } from "../../../src/stream/kafka/kafka-log.ts";
import type { KafkaSettings } from "../../../src/stream/kafka/kafka-settings.ts";

export async function openLog(settings: KafkaSettings, patienceMs: number): Promise<StreamLog> {
  return await openKafkaLog({ settings, clock: createSystemClock(), patienceMs });
}
