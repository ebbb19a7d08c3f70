// 30,000 changed rows merged into a Delta table of 3,000,000, as a job's whole publication, beside one DuckDB script that
// joins the same rows and writes the table's file again, flushed.
import { mkdir, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { rawData } from "../../examples/flights/raw-data.ts";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import { quoteLiteral } from "../../src/compute/engine.ts";
import type { Bench } from "../harness/bench.ts";
import { type BenchRuns, createBenchRuns } from "../harness/bench-data.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { computeSettings, type DuckDbPeer, flush, openDuckDbPeer, parquetOptions } from "../data/duckdb-peer.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";

const numbered = `select row_number() over () as id, * from read_parquet(${quoteLiteral(rawData("flights-3m.parquet"))})`;

export const bench: Bench = {
  name: "delta-merge",
  description:
    "1 % of 3,000,000 rows, spread over the table's one file, merged into a Delta table, beside the join and `copy` in DuckDB",
  async run() {
    await using folder = await createBenchFolder();
    await using engine = createDuckDbEngine(computeSettings);
    using peer = await openDuckDbPeer();
    const rows = join(folder.path, "rows.parquet");
    const changes = join(folder.path, "changes.parquet");
    await peer.run(`copy (${numbered}) to ${quoteLiteral(rows)} (${parquetOptions})`);
    const runs = createBenchRuns(engine, folder.path);
    await runs(1).publish({ source: { file: { path: rows } }, output: { dataset: "flights" } });
    let [turn, table] = [0, rows];
    // each side gets the same changes, one per turn and its repetition
    const next = async (): Promise<void> => {
      turn += 1;
      const hundredth = `select * replace (delay + ${turn} as delay) from read_parquet(${quoteLiteral(rows)}) where hash(id) % 100 = ${turn % 100}`;
      await peer.run(`copy (${hundredth}) to ${quoteLiteral(changes)} (${parquetOptions})`);
    };
    const { merge, copy } = await takeTurns(
      {
        merge: async () => {
          await next();
          return await timeMs(() => mergeChanges(runs, turn + 1, changes));
        },
        copy: async () => {
          await next();
          const before = table;
          table = join(folder.path, `${randomUUID()}.parquet`);
          const took = await timeMs(() => rewrite(peer, before, changes, table));
          if (before !== rows) await rm(before);
          return took;
        },
      },
      { warmUps: 1, repetitions: 11 },
    );
    return [
      {
        name: "30,000 rows merged into 3,000,000",
        unit: "ms",
        ours: merge,
        peer: { name: "DuckDB join and `copy`", values: copy },
        target: { kind: "ratio", atMost: 1.2 },
      },
    ];
  },
};

async function mergeChanges(runs: BenchRuns, runId: number, changes: string): Promise<void> {
  const { rows, changed } = await runs(runId).publish({
    source: { file: { path: changes } },
    output: { dataset: "flights", mode: "merge", key: ["id"] },
  });
  if (!changed || rows < 25_000 || rows > 35_000) throw new Error(`expected some 30,000 merged rows, got: ${rows}`);
}

async function rewrite(peer: DuckDbPeer, table: string, changes: string, to: string): Promise<void> {
  const [before, staged] = [table, changes].map((path) => `read_parquet(${quoteLiteral(path)})`);
  await mkdir(dirname(to), { recursive: true });
  await peer.run(
    `copy (select t.* from ${before} t anti join ${staged} c using (id) union all select * from ${staged}) to ${quoteLiteral(to)} (${parquetOptions})`,
  );
  await flush(to);
  await flush(dirname(to));
}
