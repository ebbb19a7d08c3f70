// Graphs of 10,000 no-ops in four shapes.
import type { Bench, Measure } from "../harness/bench.ts";
import { startBenchPostgres } from "../harness/bench-postgres.ts";
import { installPeers, perRunUs, runMillrace, runPeer } from "./engine-side.ts";

const shapes = [
  // In a chain each job waits for the commit of the one before, and the peer for its next poll: a part of it tells enough.
  { scenario: "chain", name: "chain of 2,000", ours: 2_000, peer: 10 },
  { scenario: "fan_out", name: "fan-out, 1 → 9,999", ours: 10_000, peer: 10_000 },
  { scenario: "fan_in", name: "fan-in, 9,999 → 1", ours: 10_000, peer: 10_000 },
  { scenario: "layers", name: "20 layers × 500 × 3", ours: 10_000, peer: 10_000 },
] as const;
const repetitions = 2;

export const bench: Bench = {
  name: "engine-graphs",
  hasServer: true,
  description:
    "graphs of 10,000 no-ops (a chain of 2,000) on Postgres from the start of the worker to the last end, in µs a run, beside pg-boss `flow()` (a chain of 10 there, because each link waits for its next poll)",
  async run() {
    installPeers();
    await using postgres = await startBenchPostgres();
    const measures: Measure[] = [];
    for (const { scenario, name, ours, peer } of shapes) {
      const values: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
      for (let turn = 0; turn < repetitions; turn += 1) {
        const millrace = runMillrace({ scenario, address: await postgres.createDatabase(), count: ours });
        values.ours.push(perRunUs(millrace, ours));
        const boss = runPeer("pg-boss", { scenario, address: await postgres.createDatabase(), count: peer });
        values.peer.push(perRunUs(boss, peer));
      }
      measures.push({
        name,
        unit: "µs",
        ours: values.ours,
        peer: { name: "pg-boss `flow()`", values: values.peer },
        target: { kind: "ratio", atMost: 1 },
      });
    }
    return measures;
  },
};
