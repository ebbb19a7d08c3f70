// Waiting no-ops worked off by one worker process, with full history, beside the fastest settings of other engines.
import { join } from "node:path";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { startBenchPostgres } from "../harness/bench-postgres.ts";
import { installPeers, perRunUs, runMillrace, runPeer } from "./engine-side.ts";
import { takeTurns } from "../harness/take-turns.ts";

const counts = {
  millrace: 50_000,
  graphile: 50_000,
  boss: 20_000,
  bull: 5_000,
  sqlite: 20_000,
  steps: 10_000,
  dbos: 2_000,
};

export const bench: Bench = {
  name: "engine-throughput",
  hasServer: true,
  description:
    "waiting no-ops worked off by one process, in µs a run: Millrace (full history) beside graphile-worker 0.18 (local queue, batched completion, keeps none), pg-boss 12.35 (`work`, batches of 50 × 4), BullMQ 6.7 (Postgres backend), and DBOS 5.3 for two checkpointed steps",
  async run() {
    installPeers();
    await using postgres = await startBenchPostgres();
    await using folder = await createBenchFolder();
    let files = 0;
    const onPostgres = async (scenario: string, count: number): Promise<number> =>
      perRunUs(runMillrace({ scenario, address: await postgres.createDatabase(), count }), count);
    const peer = async (name: Parameters<typeof runPeer>[0], scenario: string, count: number): Promise<number> =>
      perRunUs(runPeer(name, { scenario, address: await postgres.createDatabase(), count }), count);
    const onFile = (count: number): number => {
      const address = join(folder.path, `store-${(files += 1)}.db`);
      return perRunUs(runMillrace({ scenario: "throughput", address, count }), count);
    };
    const values = await takeTurns(
      {
        ours: () => onPostgres("throughput", counts.millrace),
        graphile: () => peer("graphile-worker", "throughput", counts.graphile),
        boss: () => peer("pg-boss", "throughput", counts.boss),
        bull: () => peer("bullmq", "throughput", counts.bull),
        steps: () => onPostgres("two_steps", counts.steps),
        dbos: () => peer("dbos", "two_steps", counts.dbos),
        sqlite: () => Promise.resolve(onFile(counts.sqlite)),
      },
      { warmUps: 0, repetitions: 3 },
    );
    const name = "a no-op run on Postgres, with full history";
    return [
      {
        name,
        unit: "µs",
        ours: values.ours,
        peer: { name: "graphile-worker, local queue", values: values.graphile },
        target: { kind: "ratio", atMost: 1 },
      },
      {
        name,
        unit: "µs",
        ours: values.ours,
        peer: { name: "pg-boss `work()`", values: values.boss },
        target: { kind: "ratio", atMost: 0.333 },
      },
      { name, unit: "µs", ours: values.ours, peer: { name: "BullMQ, Postgres backend", values: values.bull } },
      {
        name: "a run of two remembered steps",
        unit: "µs",
        ours: values.steps,
        peer: { name: "DBOS workflow of two steps, 24 callers", values: values.dbos },
        target: { kind: "ratio", atMost: 0.05 },
      },
      {
        name: "a no-op run on SQLite, durable, with full history",
        unit: "µs",
        ours: values.sqlite,
        peer: { name: "the same on Postgres", values: values.ours },
        target: { kind: "value", atMost: 333 },
      },
    ];
  },
};
