// Records through a log: appended alone, and appended by one process while another one handles and commits them.
import { once } from "node:events";
import { endProcess, hear, startProcess } from "../harness/child-process.ts";
import type { Job } from "../../src/core/job/job.ts";
import type { Topic } from "../../src/core/stream/topic.ts";
import { streamJob } from "../../src/stream/jobs/stream-job.ts";
import { defineEvents, eventRecord, eventText, type KeyedEvent } from "./keyed-events.ts";
import { openRawLog, type RawRow } from "./raw-log.ts";
import { openStreams, type StreamsPlace, type StreamsUnderBench } from "./streams-under-bench.ts";
import type { StreamSide } from "./stream-side.ts";

export interface FlowInput extends StreamsPlace {
  readonly count: number;
}

/** At a pace. */
export interface PacedInput extends FlowInput {
  readonly perSecond: number;
}

/** What flows. */
export const events: Topic<string, KeyedEvent, KeyedEvent> = defineEvents("events");
/** Of one call, and of one transaction on either side. */
export const batchSize = 1_000;

/** Records that are made already, into four partitions. */
export async function appendBatches({ count, ...place }: FlowInput): Promise<StreamSide> {
  await using streams = await openStreams(place);
  const topic = await streams.declare(events);
  const records = Array.from({ length: count }, (_, index) => eventRecord(index));
  const startedAtMs = performance.now();
  for (let from = 0; from < count; from += batchSize)
    await streams.append(topic, records.slice(from, from + batchSize));
  const ms = performance.now() - startedAtMs;
  const bounds = (await streams.log.findTopic(events.name))?.bounds ?? [];
  return { ms, records: bounds.reduce((sum, { start, end }) => sum + end - start, 0) };
}

/** The same into a table. */
export async function appendByHand({ address, count }: FlowInput): Promise<StreamSide> {
  await using log = await openRawLog(address);
  const rows = Array.from({ length: count }, (_, index) => rawRow(index));
  const startedAtMs = performance.now();
  for (let from = 0; from < count; from += batchSize) await log.append(rows.slice(from, from + batchSize));
  const ms = performance.now() - startedAtMs;
  return { ms, records: (await log.read(count)).length };
}

/** From the first append of another process to the commit of the last record that was handled here. */
export async function flow({ count, address, folder }: FlowInput): Promise<StreamSide> {
  // no pace: the producer goes as fast as it can
  const place = { address, folder };
  await using streams = await openStreams(place);
  let handled = 0;
  const work = await beginWork(streams, { count, onRecord: () => (handled += 1) });
  const producer = startProcess(new URL("processes/stream-producer.ts", import.meta.url), [
    JSON.stringify({ ...place, count }),
  ]);
  try {
    await hear(producer);
    const startedAtMs = performance.now();
    producer.send("go");
    await work.done;
    return { ms: performance.now() - startedAtMs, records: handled };
  } finally {
    await endProcess(producer);
  }
}

interface Work {
  /** Resolves when so many records are committed. */
  readonly done: Promise<void>;
}

export interface WorkToDo {
  /** How many records are waited for. */
  readonly count: number;
  readonly onRecord: (event: KeyedEvent, partition: number) => void;
  /** Told of each commit. */
  readonly onMove?: (partition: number, records: number) => void;
  /** `latest`: what is there already is not handled. Default: all of it. */
  readonly startAt?: "earliest" | "latest";
}

/** The job of a flow: it has a look at each record. */
export function defineFlow({ onRecord, startAt = "earliest" }: Pick<WorkToDo, "onRecord" | "startAt">): Job<"handle"> {
  return streamJob({
    name: "handle",
    topic: events,
    startAt,
    handle: (event, ctx) => onRecord(event, ctx.record.partition),
  });
}

/** Begins the job, and waits until it holds its partitions. */
export async function beginWork(streams: StreamsUnderBench, work: WorkToDo): Promise<Work> {
  await streams.declare(events);
  const done = Promise.withResolvers<void>();
  let committed = 0;
  await streams.work(defineFlow(work), {
    // what else may work through the topic has a process of its own
    places: 1,
    onCommit({ partitions }) {
      for (const { partition, moves } of partitions)
        for (const { from, to } of moves) {
          committed += to - from;
          work.onMove?.(partition, to - from);
        }
      if (committed >= work.count) done.resolve();
    },
  });
  while (((await streams.store.findGroup("handle"))?.positions.length ?? 0) < events.partitions)
    await streams.clock.sleep(20);
  return { done: done.promise };
}

/** The same by hand, all of it in one process: appends, reads, looks at each record, and commits. */
export async function flowByHand({ address, count }: FlowInput): Promise<StreamSide> {
  await using log = await openRawLog(address);
  const rows = Array.from({ length: count }, (_, index) => rawRow(index));
  let handled = 0;
  const startedAtMs = performance.now();
  for (let from = 0; from < count; from += batchSize) {
    await log.append(rows.slice(from, from + batchSize));
    const values = await log.read(batchSize);
    for (const value of values) if ((JSON.parse(value) as { readonly n: number }).n >= 0) handled += 1;
    await log.commit(values.length);
  }
  return { ms: performance.now() - startedAtMs, records: handled };
}

/** A record as a row of text. */
export function rawRow(index: number, n?: number): RawRow {
  const value = eventText(index, n);
  return [(JSON.parse(value) as { readonly id: string }).id, value];
}

/** Resolves when whoever started this process says that it may begin. */
export async function untilTold(): Promise<void> {
  const told = once(process, "message");
  process.send?.("ready");
  await told;
}
