// How soon another worker has the partitions of one that was killed: from the signal to the first record of the last of them, beside the lease.
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { toSubmission } from "../../src/orchestrator/submission/to-submission.ts";
import { streamJob } from "../../src/stream/jobs/stream-job.ts";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { endProcess, startProcess } from "../harness/child-process.ts";
import { defineEvents, eventRecord } from "./keyed-events.ts";
import { openStreams, type StreamsPlace, type StreamsUnderBench } from "./streams-under-bench.ts";

const leaseTtlMs = 3_000;
const kills = Number(process.env["BENCH_STREAM_KILLS"] ?? 20);
const events = defineEvents("events");
/** All partitions get records all the time. */
const feedEveryMs = 25;
const feedRecords = 40;

export const bench: Bench = {
  name: "stream-takeover",
  description: `from the kill of the worker that holds all partitions of a job to the first record of the last of them in another one that waited, ${kills} times, beside its lease of ${leaseTtlMs / 1_000} s`,
  async run() {
    await using folder = await createBenchFolder();
    const place = { address: join(folder.path, "store.db"), folder: folder.path };
    await using streams = await openStreams(place);
    const topic = await streams.declare(events);
    const job = streamJob({ name: "take", topic: events, handle: () => undefined });
    await streams.store.submit(toSubmission(job, { params: {}, tenant: "bench", createdBy: "bench" }));
    let [holder, waiting] = [new WatchedWorker(place), undefined as WatchedWorker | undefined];
    let index = 0;
    const feeding = setInterval(() => {
      const records = Array.from({ length: feedRecords }, () => eventRecord((index += 1)));
      void streams.append(topic, records);
    }, feedEveryMs);
    const values: number[] = [];
    try {
      await holder.holdsAll;
      while (values.length < kills) {
        waiting = new WatchedWorker(place);
        await waiting.works;
        const killedAtMs = performance.timeOrigin + performance.now();
        await holder.end();
        values.push((await waiting.holdsAll) - killedAtMs);
        holder = waiting;
      }
    } finally {
      clearInterval(feeding);
      await Promise.all([holder.end(), waiting?.end()]);
    }
    await assertWhole(streams);
    const peer = { name: "the lease", values: values.map(() => leaseTtlMs) };
    const name = "takeover of four partitions, SQLite";
    return [{ name, unit: "ms", ours: values, peer, target: { kind: "p95", atMost: leaseTtlMs + 2_000 } }];
  },
};

/** Nothing was given up on the way. */
async function assertWhole({ store }: StreamsUnderBench): Promise<void> {
  const letters = await store.listDeadLetters({ group: "take", limit: 1 });
  if (letters.length > 0) throw new Error("records were given up because their workers were killed");
}

type Told = "working" | { readonly partition: number; readonly atMs: number };

class WatchedWorker {
  readonly #process: ChildProcess;
  /** Resolves when it looks for runs. */
  readonly works: Promise<void>;
  /** The instant at which the last of all partitions had its first record here. */
  readonly holdsAll: Promise<number>;

  constructor(place: StreamsPlace) {
    const input = JSON.stringify({ ...place, leaseTtlMs });
    this.#process = startProcess(new URL("processes/takeover-worker.ts", import.meta.url), [input]);
    const works = Promise.withResolvers<void>();
    const holdsAll = Promise.withResolvers<number>();
    const begun = new Set<number>();
    this.#process.on("message", (told: Told) => {
      if (told === "working") return works.resolve();
      begun.add(told.partition);
      if (begun.size === events.partitions) holdsAll.resolve(told.atMs);
    });
    this.works = works.promise;
    this.holdsAll = holdsAll.promise;
  }

  end(): Promise<void> {
    return endProcess(this.#process);
  }
}
