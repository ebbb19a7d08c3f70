// The rows of one of 1,000 partitions of a Delta table: open the table, filter, and give the rows as objects, beside the
// `deltalake` package of Python, both in processes that stay.
import { join } from "node:path";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import type { Bench } from "../harness/bench.ts";
import { type BenchRuns, createBenchRuns } from "../harness/bench-data.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { openDeltaLakePeer } from "./deltalake-peer.ts";
import { computeSettings } from "../data/duckdb-peer.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";

const partitions = 1_000;
const rowsEach = 100;
const rows = `select i as id, 'shop ' || (i % ${partitions}) as shop, i * 1.5 as amount, 'text ' || i as note
  from range(${partitions * rowsEach}) t(i)`;

export const bench: Bench = {
  name: "delta-read",
  description: `${rowsEach} rows of one of ${partitions} partitions, and of a range of an ordinary column, beside deltalake's query engine`,
  async run() {
    await using folder = await createBenchFolder();
    await using engine = createDuckDbEngine(computeSettings);
    await using peer = await openDeltaLakePeer();
    const runs = createBenchRuns(engine, folder.path);
    await runs(1).publish({ sql: rows, output: { dataset: "sales", delta: { partitionBy: ["shop"] } } });
    const table = join(folder.path, "lake/sales");
    let turn = 0;
    const shop = (): string => `shop ${(turn += 37) % partitions}`;
    const { partition, bounds, deltalake } = await takeTurns(
      {
        partition: () => timeRows(runs, `select * from sales where shop = '${shop()}'`),
        deltalake: async () => {
          const { ms, rows: found } = await peer.read({
            table,
            sql: `select * from t where shop = '${shop()}'`,
          });
          if (found !== rowsEach) throw new Error(`expected ${rowsEach} rows of deltalake, got: ${found}`);
          return ms;
        },
        bounds: () =>
          timeRows(runs, `select * from sales where id % ${partitions} = 7 and shop = 'shop 7' and id >= 7`),
      },
      { warmUps: 2, repetitions: 31 },
    );
    const values = { name: "deltalake, partition filter in its query engine", values: deltalake };
    const target = { kind: "ratio", atMost: 3 } as const;
    return [
      { name: "100 rows of one of 1,000 partitions", unit: "ms", ours: partition, peer: values, target },
      { name: "the same with a filter on an ordinary column as well", unit: "ms", ours: bounds, peer: values },
    ];
  },
};

async function timeRows(runs: BenchRuns, sql: string): Promise<number> {
  let found = 0;
  const took = await timeMs(async () => {
    found = (await runs(2).query(sql, ["sales"])).length;
  });
  if (found !== rowsEach) throw new Error(`expected ${rowsEach} rows, got: ${found}`);
  return took;
}
