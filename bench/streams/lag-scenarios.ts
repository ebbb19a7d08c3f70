// How long a record takes at a given pace, from the instant at which it was to be sent to the commit behind its handler.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { hear, startProcess } from "../harness/child-process.ts";
import { batchSize, beginWork, events, type PacedInput, rawRow } from "./flow-scenarios.ts";
import { eventRecord } from "./keyed-events.ts";
import { openRawLog } from "./raw-log.ts";
import { Replaying } from "./replaying.ts";
import { openStreams, type StreamsUnderBench } from "./streams-under-bench.ts";
import type { StreamSide } from "./stream-side.ts";

/** What is not counted at the beginning. */
const warmUpMs = 2_000;
const tickMs = 10;

export interface LagInput extends PacedInput {
  /** Records that lie there before. Default: none. */
  readonly history?: number;
}

/** A process appends at that pace, and this one handles. */
export async function lag(input: LagInput): Promise<StreamSide> {
  await using streams = await openStreams(input);
  await fillHistory(streams, input.history ?? 0);
  return await measureLag(streams, input);
}

/** The same, while another process works through what lay there before once more. */
export async function lagBesideReplay(input: LagInput): Promise<StreamSide> {
  const { history = 0, ...place } = input;
  await using streams = await openStreams(place);
  await fillHistory(streams, history);
  const replaying = new Replaying(streams, place);
  return await measureLag(streams, input, replaying);
}

async function fillHistory(streams: StreamsUnderBench, history: number): Promise<void> {
  const topic = await streams.declare(events);
  for (let from = 0; from < history; from += batchSize)
    await streams.append(
      topic,
      Array.from({ length: Math.min(batchSize, history - from) }, (_, index) => eventRecord(from + index)),
    );
}

async function measureLag(
  streams: StreamsUnderBench,
  { count, perSecond, address, folder }: LagInput,
  beside?: Replaying,
): Promise<StreamSide> {
  const place = { address, folder };
  const delays = new Delays();
  const sentAt = Array.from({ length: 4 }, (): number[] => []);
  const onRecord = (dueAtMs: number, partition: number): void => void sentAt[partition]?.push(dueAtMs);
  const work = await beginWork(streams, {
    count,
    startAt: "latest",
    onRecord: ({ n }, partition) => onRecord(n, partition),
    onMove: (partition, records) => delays.note(sentAt[partition]?.splice(0, records) ?? []),
  });
  await beside?.begin();
  const producer = startProcess(new URL("processes/stream-producer.ts", import.meta.url), [
    JSON.stringify({ ...place, count, perSecond }),
  ]);
  await hear(producer);
  const startedAtMs = performance.now();
  producer.send("go");
  await work.done;
  const ms = performance.now() - startedAtMs;
  await beside?.end();
  const ended = once(producer, "exit");
  producer.send("end");
  await ended;
  return { ms, records: delays.records, ...delays.summary() };
}

/** The same by hand in one process: append, read, look at each record, commit, and wait for the next tick. */
export async function lagByHand({ address, count, perSecond }: LagInput): Promise<StreamSide> {
  await using log = await openRawLog(address);
  const delays = new Delays();
  const size = Math.round((perSecond * tickMs) / 1_000);
  const startedAtMs = now();
  for (let from = 0; from < count; from += size) {
    const dueAtMs = startedAtMs + (from / size) * tickMs;
    if (dueAtMs > now()) await sleep(dueAtMs - now());
    await log.append(Array.from({ length: Math.min(size, count - from) }, (_, index) => rawRow(from + index, dueAtMs)));
    const values = await log.read(size);
    const sentAt = values.map((value) => (JSON.parse(value) as { readonly n: number }).n);
    await log.commit(values.length);
    delays.note(sentAt);
  }
  return { ms: now() - startedAtMs, records: delays.records, ...delays.summary() };
}

class Delays {
  readonly #values: number[] = [];
  #firstAtMs: number | undefined;
  records = 0;

  /** Records are done that were to be sent then. */
  note(sentAt: readonly number[]): void {
    const atMs = now();
    this.#firstAtMs ??= sentAt[0];
    this.records += sentAt.length;
    for (const sentAtMs of sentAt)
      if (sentAtMs - (this.#firstAtMs ?? 0) >= warmUpMs) this.#values.push(atMs - sentAtMs);
  }

  summary(): { readonly p50Ms: number; readonly p99Ms: number } {
    const sorted = Float64Array.from(this.#values).toSorted();
    const rank = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
    return { p50Ms: rank(0.5), p99Ms: rank(0.99) };
  }
}

/** The same in all processes of the machine. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
