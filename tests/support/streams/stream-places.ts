// Where suites of stream jobs run: with their topics in a store of either kind, or on the Kafka that a services suite has started.
import type { KafkaSettings } from "../../../src/stream/kafka/kafka-settings.ts";

/** The store, or `kafka`: topics on Kafka, all else in a store of SQLite. */
export type StreamPlace = "sqlite" | "postgres" | "kafka";

let brokers: readonly string[] = [];
let fixtures = 0;

/** The places that a suite runs on. */
export function streamPlaces(): readonly StreamPlace[] {
  return brokers.length === 0 ? ["sqlite", "postgres"] : ["kafka"];
}

/** Has suites that are loaded from now on run on Kafka alone. */
export function putTopicsOnKafka(address: string): void {
  brokers = [address];
}

/** The topics of one fixture, apart from those of others. */
export function kafkaOfFixture(): KafkaSettings {
  fixtures += 1;
  return { brokers, topicPrefix: `f${process.pid}_${fixtures}.` };
}
