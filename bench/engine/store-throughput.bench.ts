// Runs through the store in batches: submitted, claimed, settled, with their full history; and whether history slows that.
import { join } from "node:path";
import type { WorkerId } from "../../src/store/rows/run-records.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { openRawStore } from "./raw-store.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";

const batchSize = 200;
const batches = 25;
const historySize = 100_000;

export const bench: Bench = {
  name: "store-throughput",
  description:
    "submit, claim and settle of 5,000 runs in batches of 200, on a store with and without 100,000 finished runs, beside the same rows inserted and deleted by hand",
  async run() {
    await using folder = await createBenchFolder();
    await using young = await openStore(join(folder.path, "young.db"));
    await using old = await openStore(join(folder.path, "old.db"));
    using raw = openRawStore(join(folder.path, "raw.db"));
    await young.passThrough(1);
    for (let passed = 0; passed < historySize; passed += batchSize) await old.passThrough(1);
    let nextRawId = 1;
    const passRaw = async (): Promise<void> => {
      for (let batch = 0; batch < batches; batch += 1, nextRawId += batchSize) raw.passThrough(nextRawId, batchSize);
    };
    const values = await takeTurns(
      {
        young: async () => perRunUs(await timeMs(() => young.passThrough(batches))),
        raw: async () => perRunUs(await timeMs(passRaw)),
        old: async () => perRunUs(await timeMs(() => old.passThrough(batches))),
      },
      { warmUps: 1, repetitions: 7 },
    );
    const peer = { name: "the same rows by hand", values: values.raw };
    return [
      { name: "a run through the store", unit: "µs", ours: values.young, peer },
      {
        name: "the same with 100,000 runs of history",
        unit: "µs",
        ours: values.old,
        peer: { name: "Millrace without that history", values: values.young },
      },
    ];
  },
};

function perRunUs(wallMs: number): number {
  return (wallMs * 1_000) / (batchSize * batches);
}

interface BenchStore extends AsyncDisposable {
  /** Passes `count` batches of runs through all their states. */
  passThrough(count: number): Promise<void>;
}

async function openStore(path: string): Promise<BenchStore> {
  const store = await createSqliteStore({ path });
  const workerId = await store.registerWorker({
    name: "bench",
    ttlMs: 3_600_000,
    process: { host: "bench", bootId: "bench", pid: process.pid, startTicks: "0" },
  });
  return {
    async passThrough(count) {
      for (let batch = 0; batch < count; batch += 1) await passBatch(store, workerId);
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

async function passBatch(store: Store, workerId: WorkerId): Promise<void> {
  const run = { job: "noop", kind: "job", params: {}, tenant: "bench", createdBy: "bench" } as const;
  await store.submit({ runs: Array.from({ length: batchSize }, () => run), edges: [] });
  const claimed = await store.claim({ workerId, limit: batchSize });
  if (claimed.length !== batchSize) throw new Error(`expected ${batchSize} claimed runs, got: ${claimed.length}`);
  const { lostRunIds } = await store.settle(
    claimed.map(({ runId, epoch }) => ({ runId, epoch, end: "finished", result: null })),
  );
  if (lostRunIds.length > 0) throw new Error(`expected no lost run, got: ${lostRunIds.length}`);
}
