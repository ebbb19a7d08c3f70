// What streams hold in memory, each in a process that does nothing else: a sink that stands still, open joins, a batch that fills; and how
// soon a store of a million keys is there again from its snapshot.
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { endProcess, hear, startProcess } from "../harness/child-process.ts";
import { batchLogOf } from "../../src/app/streams/create-batch-watch.ts";
import { defineStore, type StoreState } from "../../src/core/stream/store.ts";
import { BatchWatch } from "../../src/orchestrator/streams/batch-watch.ts";
import { toSubmission } from "../../src/orchestrator/submission/to-submission.ts";
import { joinJob } from "../../src/stream/jobs/join-job.ts";
import { streamJob } from "../../src/stream/jobs/stream-job.ts";
import { createFolderPlace } from "../../src/stream/stores/snapshot-place.ts";
import { StoreCopy } from "../../src/stream/stores/store-copy.ts";
import type { FlowInput, PacedInput } from "./flow-scenarios.ts";
import { defineEvents, type KeyedEvent, wideRecord } from "./keyed-events.ts";
import type { MemorySide, StreamSide } from "./stream-side.ts";
import { openStreams, type StreamsUnderBench } from "./streams-under-bench.ts";

const events = defineEvents("events");
const videos = defineEvents("videos");

/** Greatest memory that this process has had, by the kernel's count. */
function peakMb(): number {
  const [, kb] = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kb) / 1_024;
}

/** A handler that does not come to an end while another process offers records, for as long as they last at that pace. */
export async function holdSink({ count, perSecond, ...place }: PacedInput): Promise<MemorySide> {
  await using streams = await openStreams(place);
  const topic = await streams.declare(events);
  const held = Promise.withResolvers<void>();
  await streams.work(streamJob({ name: "sink", topic: events, lanes: 8, handle: () => held.promise }));
  const startedAtMs = performance.now();
  await offer(streams, { ...place, count, perSecond });
  const side = { ms: performance.now() - startedAtMs, peakMb: peakMb(), records: await endOf(streams, topic.name) };
  held.resolve();
  return side;
}

/** A batch of 100 MB or 12 hours while it fills to `count` records, looked at each second as a scheduler does. */
export async function fillBatch({ count, perSecond, ...place }: PacedInput): Promise<MemorySide> {
  await using streams = await openStreams(place);
  const topic = await streams.declare(events);
  const { store, clock, log } = streams;
  const job = streamJob({
    name: "fill",
    topic: events,
    batch: { bytes: "100MB", age: "12h" },
    handle: () => undefined,
  });
  const watch = new BatchWatch({
    store,
    log: batchLogOf(store, clock, async () => log),
    jobs: job.stream === undefined ? [] : [{ job: job.name, stream: job.stream }],
    toSubmission: (_name, options) => toSubmission(job, { ...options, tenant: "bench" }),
    onError: (error) => console.error(error),
  });
  await watch.look();
  const startMb = peakMb();
  const startedAtMs = performance.now();
  const offered = offer(streams, { ...place, count, perSecond });
  const look = setInterval(() => void watch.look(), 1_000);
  await offered;
  clearInterval(look);
  if (await watch.look()) throw new Error("the batch was full before its time");
  return { ms: performance.now() - startedAtMs, peakMb: peakMb() - startMb, records: await endOf(streams, topic.name) };
}

/** Records of so many keys, for what is measured in another process. */
export async function fillKeys({ count, ...place }: FlowInput): Promise<StreamSide> {
  await using streams = await openStreams(place);
  const startedAtMs = performance.now();
  await fillWide(streams, count);
  return { ms: performance.now() - startedAtMs, records: count };
}

/** Keys of which one of two inputs has come: from the first to the last of them durable. */
export async function openJoins({ count, ...place }: FlowInput): Promise<MemorySide> {
  await using streams = await openStreams(place);
  await streams.declare(videos);
  const all = Promise.withResolvers<void>();
  let committed = 0;
  const job = joinJob({
    name: "join",
    by: "id",
    inputs: { event: events, video: videos },
    expire: "24h",
    maxKeys: 2 * count,
    handle: () => undefined,
  });
  const startedAtMs = performance.now();
  await streams.work(job, {
    onCommit({ partitions }) {
      for (const { moves } of partitions) for (const { from, to } of moves) committed += to - from;
      if (committed >= count) all.resolve();
    },
  });
  await all.promise;
  const ms = performance.now() - startedAtMs;
  const held = await streams.store.listJoins("join");
  return { ms, records: held.reduce((sum, { keys }) => sum + keys, 0), peakMb: peakMb() };
}

/** Makes a store of so many keys and its snapshot, loses the store, and begins again: from the opening of the copy until it serves. */
export async function recoverStore({ count, ...place }: FlowInput): Promise<StreamSide> {
  await using streams = await openStreams(place);
  await fillWide(streams, count);
  const definition = defineStore({
    name: "wide",
    topic: events,
    apply: (store: StoreState<number>, { n }: KeyedEvent, { key }) => store.set(key, n),
    snapshot: { every: "1s" },
  });
  const said: string[] = [];
  const open = (): Promise<StoreCopy> =>
    StoreCopy.open({
      definition,
      log: streams.log,
      clock: streams.clock,
      logger: {
        info: (message, fields) => void said.push(`${message} ${JSON.stringify(fields)}`),
        warn: console.error,
      },
      folder: join(place.folder, "stores"),
      snapshots: createFolderPlace(join(place.folder, "snapshots")),
      run: "bench",
    });
  const { signal } = new AbortController();
  {
    // it ends when the snapshot that it began is there
    await using made = await open();
    await made.whenServing(signal);
  }
  await rm(join(place.folder, "stores"), { recursive: true });
  said.length = 0;
  const startedAtMs = performance.now();
  await using copy = await open();
  await copy.whenServing(signal);
  const ms = performance.now() - startedAtMs;
  if (!said.some((line) => line.includes('"from":"snapshot"')))
    throw new Error("the store did not begin with its snapshot");
  let records = 0;
  for (const _entry of copy.reader().entries()) records += 1;
  return { ms, records };
}

async function fillWide(streams: StreamsUnderBench, count: number): Promise<void> {
  const topic = await streams.declare(events);
  for (let from = 0; from < count; from += 5_000) {
    const length = Math.min(5_000, count - from);
    await streams.append(
      topic,
      Array.from({ length }, (_, index) => wideRecord(from + index)),
    );
  }
}

/** Another process appends them at their pace. */
async function offer(streams: StreamsUnderBench, input: PacedInput): Promise<void> {
  const producer = startProcess(new URL("processes/stream-producer.ts", import.meta.url), [JSON.stringify(input)]);
  try {
    await hear(producer);
    producer.send("go");
    while ((await endOf(streams, events.name)) < input.count) await streams.clock.sleep(200);
  } finally {
    await endProcess(producer);
  }
}

async function endOf({ log }: StreamsUnderBench, name: string): Promise<number> {
  return ((await log.findTopic(name))?.bounds ?? []).reduce((sum, { end }) => sum + end, 0);
}
