// What streams hold in memory where something stands still or fills up, each beside what a process of the same program has that does nothing of it.
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { recordsFor } from "./keyed-events.ts";
import { type MemorySide, perRecordUs, runSide, type StreamSide } from "./stream-side.ts";

/** Offered to the sink that stands still. */
const perSecond = 50_000;
/** The promise is about ten minutes: `BENCH_STREAM_SECONDS=600`. */
const seconds = Number(process.env["BENCH_STREAM_SECONDS"] ?? 40);
/** A hundred bytes and a key of five each: just below what makes the batch. */
const batchRecords = 900_000;

export const bench: Bench = {
  name: "stream-memory",
  description: `memory of a sink that stands still for ${seconds} s while 50,000 records a second are offered, of a batch of 100 MB while it fills, and of 1,000,000 open joins; and a store of 1,000,000 keys begun from its snapshot`,
  async run() {
    await using folder = await createBenchFolder();
    const makePlace = async (): Promise<string> => {
      const place = join(folder.path, randomUUID());
      await mkdir(place);
      return place;
    };
    const side = async <Side extends StreamSide>(scenario: string, count: number, given?: string): Promise<Side> => {
      const place = given ?? (await makePlace());
      const input = { address: join(place, "store.db"), folder: place, count, perSecond };
      return runSide(scenario, input, { records: count }) as Side;
    };
    const idle = await side<MemorySide>("hold_sink", 500);
    const sink = await side<MemorySide>("hold_sink", perSecond * seconds);
    const batch = await side<MemorySide>("fill_batch", recordsFor(batchRecords));
    const keys = await makePlace();
    await side("fill_keys", recordsFor(1_000_000), keys);
    const joins = await side<MemorySide>("open_joins", recordsFor(1_000_000), keys);
    const rows = await side("join_rows_by_hand", recordsFor(1_000_000));
    const store = await side("recover_store", recordsFor(1_000_000));
    const copied = await side("copy_rows_by_hand", recordsFor(1_000_000));
    const still = { name: "the same with 500 records", values: [idle.peakMb] };
    return [
      {
        name: "peak of a stopped sink",
        unit: "MB",
        ours: [sink.peakMb],
        peer: still,
        target: { kind: "value", atMost: 300 },
      },
      {
        name: "more while a batch fills",
        unit: "MB",
        ours: [batch.peakMb],
        peer: still,
        target: { kind: "value", atMost: 60 },
      },
      {
        name: "peak of open joins",
        unit: "MB",
        ours: [joins.peakMb],
        peer: still,
        target: { kind: "value", atMost: 300 },
      },
      {
        name: "an open join inserted",
        unit: "µs",
        ours: [perRecordUs(joins)],
        peer: { name: "a row of it by hand, 1,000 in a transaction", values: [perRecordUs(rows)] },
        target: { kind: "value", atMost: 50 },
      },
      {
        name: "a store begun from its snapshot",
        unit: "ms",
        ours: [store.ms],
        peer: { name: "`vacuum into` of a table of as many keys", values: [copied.ms] },
        target: { kind: "value", atMost: 5_000 },
      },
    ];
  },
};
