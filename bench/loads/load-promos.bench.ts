// Promotions put in order and loaded to a Delta table, a Parquet file and Postgres, as one job and by hand.
import { link, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { selectDeliveries } from "../../examples/load-promos/jobs/_deliveries.ts";
import { openDuckDbPeer, parquetOptions } from "../data/duckdb-peer.ts";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { startBenchPostgres } from "../harness/bench-postgres.ts";
import { runNodeWithPeakMemory } from "../harness/node-process.ts";
import { takeTurns } from "../harness/take-turns.ts";

const rowCount = Number(process.env["BENCH_PROMO_ROWS"] ?? 1_000_000);

interface Costs {
  readonly wallMs: number;
  readonly copyMs: number;
}

export const bench: Bench = {
  name: "load-promos",
  description: `${rowCount.toLocaleString("en-US")} promotions with duplicates, bad currencies and overlaps, put in order and loaded to Delta, Parquet and Postgres, beside DuckDB's \`copy\` and \`copy … from stdin\``,
  hasServer: true,
  async run() {
    await using folder = await createBenchFolder();
    await using server = await startBenchPostgres();
    const deliveries = join(folder.path, "deliveries.parquet");
    using db = await openDuckDbPeer();
    await db.run(`copy (${selectDeliveries(rowCount)}) to '${deliveries}' (${parquetOptions})`);
    const memory = { ours: [] as number[], peer: [] as number[] };
    const copies = { ours: [] as number[], peer: [] as number[] };
    const turn = async (program: string, side: keyof typeof copies): Promise<number> => {
      const root = await mkdtemp(join(folder.path, "turn-"));
      await link(deliveries, join(root, "deliveries.parquet"));
      process.env["BENCH_TO_URL"] = await server.createDatabase();
      const script = join(import.meta.dirname, program);
      const { stdout, peakMb } = runNodeWithPeakMemory(["--conditions=millrace-source", script, root]);
      memory[side].push(peakMb);
      const { wallMs, copyMs } = JSON.parse(stdout.split("\n")[0] ?? "{}") as Costs;
      copies[side].push(copyMs);
      return wallMs;
    };
    const [warmUps, repetitions] = [1, 3];
    const sides = {
      ours: () => turn("load-promos.ts", "ours"),
      peer: () => turn("load-promos-peer.ts", "peer"),
    };
    const { ours, peer } = await takeTurns(sides, { warmUps, repetitions });
    const byHand = "DuckDB's `copy` and `copy … from stdin`";
    return [
      {
        name: "all three loads",
        unit: "ms",
        ours,
        peer: { name: byHand, values: peer },
        target: { kind: "ratio", atMost: 1.5 },
      },
      {
        name: "rows into Postgres",
        unit: "ms",
        ours: copies.ours.slice(warmUps),
        peer: { name: "CSV out of DuckDB, and `copy … from stdin` of it", values: copies.peer.slice(warmUps) },
        target: { kind: "ratio", atMost: 1.25 },
      },
      {
        name: "peak resident memory of the process",
        unit: "MB",
        ours: memory.ours.slice(warmUps),
        peer: { name: byHand, values: memory.peer.slice(warmUps) },
        target: { kind: "value", atMost: 500 },
      },
    ];
  },
};
