// Topics on a real Kafka: how fast they are read, counted and passed on, and how soon the first record is there after a restart.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { startKafka } from "../../tests/services/kafka/kafka-broker.ts";
import { ensureJarTree } from "../../tests/services/maven-jars.ts";
import { openLog } from "../../tests/support/kafka/open-log.ts";
import type { Bench, Measure } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { takeTurns } from "../harness/take-turns.ts";
import { fillTopic } from "./count-scenarios.ts";
import { expectedDigest, recordsFor } from "./keyed-events.ts";
import { check, type Expected, parseSide, perRecordUs, runSide, type StreamSide } from "./stream-side.ts";

const run = promisify(execFile);
const streamsVersion = "4.2.0";
const turns = { warmUps: 0, repetitions: 3 };

export const bench: Bench = {
  name: "stream-kafka",
  description:
    "500,000 records of 100 bytes on a broker of Kafka 4.2: read beside kafkajs and the stream of platformatic, counted by key beside Kafka Streams, as in a log on SQLite, passed on in transactions beside a loop of the client, and the first record after a restart",
  hasServer: true,
  async run() {
    const count = recordsFor(500_000);
    const jars = await ensureJarTree(`kafka-streams-${streamsVersion}-tree`, [
      `org.apache.kafka:kafka-streams:${streamsVersion}`,
      "org.slf4j:slf4j-simple:1.7.36",
    ]);
    await using folder = await createBenchFolder();
    await using broker = await startKafka();
    {
      await using log = await openLog({ brokers: [broker.address] }, 60_000);
      await fillTopic({ address: join(folder.path, "fill.db"), folder: folder.path, count }, log);
    }
    const embedded = join(folder.path, "embedded.db");
    await fillTopic({ address: embedded, folder: folder.path, count });
    const side = (scenario: string, expected: Expected, name: string = randomUUID()): StreamSide => {
      const place = join(folder.path, name);
      const input = { address: `${place}.db`, folder: place, count, broker: broker.address, group: name };
      return runSide(scenario, input, expected);
    };
    const counted = { records: count, digest: expectedDigest(count) };
    const streams = async (guarantee: string): Promise<StreamSide> => {
      const program = join(import.meta.dirname, "../peers/KeyedCount.java");
      const place = join(folder.path, randomUUID());
      const args = ["-cp", jars.join(delimiter), program, broker.address, String(count), guarantee, place];
      const { stdout } = await run("java", args, { maxBuffer: 64 << 20 });
      return check(`Kafka Streams, ${guarantee}`, parseSide(stdout), counted);
    };
    const counting = {
      ours: () => side("kafka_count", counted),
      embedded: () => runSide("count", { address: embedded, folder: join(folder.path, randomUUID()), count }, counted),
      streams,
    };
    return [
      ...(await compareReading((scenario) => side(scenario, { records: count }))),
      ...(await compareCounting(counting)),
      await comparePassing((scenario) => side(scenario, { records: count })),
      await compareRestart((scenario) => side(scenario, { records: 1 }, scenario)),
    ];
  },
};

async function compareReading(side: (scenario: string) => StreamSide): Promise<Measure[]> {
  const { ours, kafkajs, platformatic } = await takeTurns(
    {
      ours: async () => perRecordUs(side("kafka_read")),
      kafkajs: async () => perRecordUs(side("kafka_read_kafkajs")),
      platformatic: async () => perRecordUs(side("kafka_read_platformatic")),
    },
    turns,
  );
  const measure = { name: "read, for a record", unit: "µs", ours } as const;
  return [
    { ...measure, peer: { name: "kafkajs `eachBatch`", values: kafkajs }, target: { kind: "ratio", atMost: 1.11 } },
    {
      ...measure,
      peer: { name: "stream of platformatic", values: platformatic },
      target: { kind: "ratio", atMost: 0.5 },
    },
  ];
}

interface Counting {
  readonly ours: () => StreamSide;
  /** The same records in a log on SQLite. */
  readonly embedded: () => StreamSide;
  readonly streams: (guarantee: string) => Promise<StreamSide>;
}

async function compareCounting({ ours, embedded, streams }: Counting): Promise<Measure[]> {
  const cpu: { readonly ours: number[]; readonly theirs: number[] } = { ours: [], theirs: [] };
  const values = await takeTurns(
    {
      ours: async () => keepCpu(ours(), cpu.ours),
      embedded: async () => perRecordUs(embedded()),
      atLeastOnce: async () => keepCpu(await streams("at_least_once"), cpu.theirs),
      exactlyOnce: async () => perRecordUs(await streams("exactly_once_v2")),
    },
    turns,
  );
  const measure = { name: "count by key, for a record", unit: "µs", ours: values.ours } as const;
  const once = { name: "Kafka Streams, at least once", values: values.atLeastOnce };
  const exactly = { name: "Kafka Streams, exactly once", values: values.exactlyOnce };
  return [
    { ...measure, peer: once, target: { kind: "value", atMost: 7.1 } },
    { ...measure, peer: once, target: { kind: "ratio", atMost: 0.83 } },
    { ...measure, peer: exactly, target: { kind: "ratio", atMost: 0.26 } },
    {
      name: "count by key, log on SQLite, for a record",
      unit: "µs",
      ours: values.embedded,
      peer: exactly,
      target: { kind: "ratio", atMost: 0.2 },
    },
    {
      name: "time of the processor to count a record",
      unit: "µs",
      ours: cpu.ours,
      peer: { name: once.name, values: cpu.theirs },
      target: { kind: "value", atMost: 5 },
    },
  ];
}

function keepCpu(side: StreamSide, kept: number[]): number {
  kept.push(((side.cpuMs ?? Number.NaN) * 1_000) / side.records);
  return perRecordUs(side);
}

async function comparePassing(side: (scenario: string) => StreamSide): Promise<Measure> {
  const { ours, loop } = await takeTurns(
    {
      ours: async () => perRecordUs(side("kafka_pipe")),
      loop: async () => perRecordUs(side("kafka_pipe_by_hand")),
    },
    turns,
  );
  const peer = { name: "platformatic, 10,000 records in a transaction", values: loop };
  return { name: "a record passed on exactly once", unit: "µs", ours, peer, target: { kind: "ratio", atMost: 1.25 } };
}

/** The first start of each is the warm-up: from then on its group has been at work. */
async function compareRestart(side: (scenario: string) => StreamSide): Promise<Measure> {
  const { ours, kafkajs } = await takeTurns(
    { ours: async () => side("kafka_first").ms, kafkajs: async () => side("kafka_first_kafkajs").ms },
    { warmUps: 1, repetitions: turns.repetitions },
  );
  const peer = { name: "kafkajs `eachMessage`", values: kafkajs };
  const name = "from the start of a process to its first record, after a restart";
  return { name, unit: "ms", ours, peer, target: { kind: "value", atMost: 1_000 } };
}
