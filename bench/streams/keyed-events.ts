// The records of the benches of streams: JSON of 100 bytes under 10,000 keys, the same for every side, and what counting them must give.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { z } from "zod";
import type { NewRecord } from "../../src/core/stream/stream-record.ts";
import { defineTopic, type Topic } from "../../src/core/stream/topic.ts";

/** What a record says. */
export interface KeyedEvent {
  readonly id: string;
  /** Its number, or where delays are measured the instant at which it was to be sent. */
  readonly n: number;
  readonly pad: string;
}

const keyCount = 10_000;
const valueBytes = 100;
/** Shared by no divisor with the number of keys, so that all of them come. */
const keyStep = 7_919;

const schema: z.ZodType<KeyedEvent, KeyedEvent> = z.object({ id: z.string(), n: z.number(), pad: z.string() });

/** A topic of such records, kept by their id. */
export function defineEvents(name: string): Topic<string, KeyedEvent, KeyedEvent> {
  return defineTopic({ name, partitions: 4, schema, key: ({ id }) => id });
}

/** The text of a record; `n` is its number unless it is told. */
export function eventText(index: number, n: number = index): string {
  const head = `{"id":"${keyAt(index)}","n":${n},"pad":"`;
  const from = (index * 31) % (noise.length - valueBytes);
  return `${head}${noise.slice(from, from + valueBytes - head.length - 2)}"}`;
}

/** The record as a producer hands it to a log. */
export function eventRecord(index: number, n?: number): NewRecord {
  const timeMs = Date.now();
  return { key: Buffer.from(keyAt(index)), value: Buffer.from(eventText(index, n)), headers: [], timeMs };
}

/** The same, under a key of its own. */
export function wideRecord(index: number): NewRecord {
  const value = Buffer.from(eventText(index).replace(/"id":"k\d+"/, `"id":"w${index}"`));
  return { key: Buffer.from(`w${index}`), value, headers: [], timeMs: Date.now() };
}

/** A file with a record a line. */
export async function writeEvents(path: string, count: number): Promise<void> {
  const file = createWriteStream(path);
  for (let from = 0; from < count; from += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, count - from) }, (_, index) => `${eventText(from + index)}\n`);
    if (!file.write(lines.join(""))) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
}

/** One text for the counts of all keys, whatever their order. */
export function digestCounts(counts: Iterable<readonly [string, number]>): string {
  const lines = [...counts].map(([key, count]) => `${key} ${count}`).toSorted();
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

/** What counting the first `count` records by their keys gives. */
export function expectedDigest(count: number): string {
  const counts = new Map<string, number>();
  for (let index = 0; index < count; index += 1) counts.set(keyAt(index), (counts.get(keyAt(index)) ?? 0) + 1);
  return digestCounts(counts);
}

function keyAt(index: number): string {
  return `k${String((index * keyStep) % keyCount).padStart(4, "0")}`;
}

/** Hexadecimal digits without a pattern, so that compression gives what it gives for identifiers. */
const noise = Array.from({ length: 2_000 }, (_, index) =>
  createHash("sha256").update(String(index)).digest("hex"),
).join("");

/** How many records a bench takes: as many as it says, or fewer for a quick look. */
export function recordsFor(usual: number): number {
  const told = Number(process.env["BENCH_STREAM_RECORDS"] ?? usual);
  return Math.min(usual, told);
}
