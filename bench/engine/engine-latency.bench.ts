// From submitting a run to its handler's start, one by one, on an idle engine.
import { join } from "node:path";
import type { Bench, Measure } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { startBenchPostgres } from "../harness/bench-postgres.ts";
import { installPeers, rankMs, runMillrace, runPeer, type SideResult } from "./engine-side.ts";

const count = 200;
const repetitions = 3;

export const bench: Bench = {
  name: "engine-latency",
  hasServer: true,
  description: `from submit to the start of the handler on an idle engine, ${count} runs one by one; p50 and p99 of each repetition, beside graphile-worker and pg-boss (with NOTIFY)`,
  async run() {
    installPeers();
    await using postgres = await startBenchPostgres();
    await using folder = await createBenchFolder();
    const results: Record<"ours" | "graphile" | "boss" | "sqlite", SideResult[]> = {
      ours: [],
      graphile: [],
      boss: [],
      sqlite: [],
    };
    for (let turn = 0; turn < repetitions; turn += 1) {
      const scenario = "latency";
      results.ours.push(runMillrace({ scenario, address: await postgres.createDatabase(), count }));
      results.graphile.push(runPeer("graphile-worker", { scenario, address: await postgres.createDatabase(), count }));
      results.boss.push(runPeer("pg-boss", { scenario, address: await postgres.createDatabase(), count }));
      results.sqlite.push(runMillrace({ scenario, address: join(folder.path, `store-${turn}.db`), count }));
    }
    const at = (side: keyof typeof results, share: number): number[] =>
      results[side].map((result) => rankMs(result, share));
    const measure = (
      name: string,
      side: "ours" | "sqlite",
      peer: "graphile" | "boss",
      share: number,
      atMost?: number,
    ): Measure => ({
      name,
      unit: "ms",
      ours: at(side, share),
      peer: { name: peer === "graphile" ? "graphile-worker" : "pg-boss", values: at(peer, share) },
      ...(atMost === undefined ? {} : { target: { kind: "value", atMost } }),
    });
    return [
      measure("submit → handler on Postgres, p50", "ours", "graphile", 0.5, 5),
      measure("the same, p99", "ours", "graphile", 0.99, 25),
      measure("the same, p50", "ours", "boss", 0.5),
      measure("submit → handler on SQLite, p50", "sqlite", "graphile", 0.5, 2),
    ];
  },
};
