// Copies one topic of Kafka into another, batch after batch, until it is killed: what a worker does that produces. Its position lies
// in a file, as that of a worker lies in the store, and is written after each delivery. Arguments: broker, input, output, file.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { openLog } from "./open-log.ts";

const [broker = "", input = "", output = "", file = ""] = process.argv.slice(2);
const log = await openLog({ brokers: [broker] }, 60_000);
const [from, to] = await Promise.all([log.findTopic(input), log.findTopic(output)]);
if (from === undefined || to === undefined || log.takeOver === undefined || log.deliverProduced === undefined) {
  throw new Error("the topics are not there, or the log has no transactions");
}
const place = { group: "copies", partition: 0 };
const signal = AbortSignal.timeout(600_000);
const [start] = await log.takeOver(place, [{ topic: from, partition: 0, offset: readPosition() }]);
let offset = start?.offset ?? 0;
writePosition(offset);
process.send?.("began");
for (;;) {
  const read = await log.read({ topic: from, partition: 0, from: offset, maxBytes: 300 });
  if (read.next === offset) {
    await log.waitForRecords([{ topic: from, partition: 0, offset }], { timeoutMs: 1_000, signal });
    continue;
  }
  const moves = [{ topic: from, partition: 0, from: offset, to: read.next }];
  await log.deliverProduced({
    place,
    moves,
    appends: [{ topic: to, parts: [{ partition: 0, records: read.records }] }],
  });
  offset = read.next;
  writePosition(offset);
}

function readPosition(): number {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return 0;
  }
}

function writePosition(position: number): void {
  writeFileSync(`${file}.draft`, String(position));
  renameSync(`${file}.draft`, file);
}
