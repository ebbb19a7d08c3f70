// The committed records of a topic on Kafka as Kafka's own consumer prints them, which shares nothing with the product. kafkajs does not
// do: it expects aborted transactions in the order of their beginnings, the broker lists them in that of their ends, and some come through.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { LaidRecord } from "./decode-blocks.ts";

/** So long nothing comes behind the last record: a topic ends with markers of transactions, which no reader is told of. */
const quietMs = 15_000;

export interface KafkaReader {
  readonly address: string;
  readonly classPath: string;
}

/** Gives each record to `take`, those of a partition in the order in which they lie there. @throws Error when the reader fails */
export async function readKafka(
  { address, classPath }: KafkaReader,
  topic: string,
  take: (record: LaidRecord) => void,
): Promise<void> {
  const where = ["--bootstrap-server", address, "--topic", topic, "--from-beginning"];
  const how = ["--isolation-level", "read_committed", "--timeout-ms", String(quietMs)];
  const shown = ["partition", "offset", "key"].flatMap((part) => ["--formatter-property", `print.${part}=true`]);
  const main = ["-Xmx256m", "-cp", classPath, "org.apache.kafka.tools.consumer.ConsoleConsumer"];
  const reader = spawn("java", [...main, ...where, ...how, ...shown], { stdio: ["ignore", "pipe", "ignore"] });
  const exit = once(reader, "exit");
  let count = 0;
  for await (const line of createInterface({ input: reader.stdout })) {
    take(parseLine(line));
    count += 1;
  }
  // It ends with 1 when nothing more came in time, which is how it ends here always.
  await exit;
  if (count === 0) throw new Error(`Kafka's consumer printed nothing of topic ${topic}`);
}

/** Such as `Partition:0	Offset:12	k3	{"key":"k3","n":26}`. */
function parseLine(line: string): LaidRecord {
  const [, partition, offset, key = "", value = ""] =
    /^Partition:(\d+)\tOffset:(\d+)\t([^\t]*)\t(.*)$/.exec(line) ?? [];
  if (value === "") throw new Error(`Kafka's consumer printed what is no record: ${line}`);
  const { n } = JSON.parse(value) as { readonly n: number };
  return { partition: Number(partition), offset: Number(offset), key, n };
}
