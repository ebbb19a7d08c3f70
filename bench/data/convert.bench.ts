// Steps of `convert` as a job's whole publication: declared ones beside the query that they stand for, and what a function or an
// encrypted column costs beside declared ones.
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import { type Engine, quoteLiteral } from "../../src/compute/engine.ts";
import type { ConvertStep } from "../../src/core/dataset/convert-step.ts";
import { createBenchRuns } from "../harness/bench-data.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import type { Bench } from "../harness/bench.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";
import { computeSettings, type DuckDbPeer, flush, openDuckDbPeer, parquetOptions } from "./duckdb-peer.ts";

const manyRows = 1_000_000;
const fewRows = 200_000;

/** Declared in place of `sameInSql`. */
const steps: readonly ConvertStep[] = [
  { rename: { name: "customer" } },
  { cast: { amount: "DECIMAL(18,2)", ordered: "TIMESTAMP" } },
  { derive: { total: { sql: "amount * quantity" }, source: "shop" } },
  { filter: { sql: "quantity > 0" } },
  { drop: ["note"] },
];

const sameInSql = `select id, name as customer, cast(amount as decimal(18,2)) as amount, quantity, cast(ordered as timestamp) as ordered,
  cast(amount as decimal(18,2)) * quantity as total, 'shop' as source from rows where quantity > 0`;

export const bench: Bench = {
  name: "convert",
  description:
    "rows of 6 columns from Parquet to Parquet through steps, beside DuckDB's `copy` of the same query, and through a function or an encryption beside declared steps",
  async run() {
    await using folder = await createBenchFolder();
    await using engine = createDuckDbEngine(computeSettings);
    using peer = await openDuckDbPeer();
    const many = await makeRows(peer, join(folder.path, "many.parquet"), manyRows);
    const few = await makeRows(peer, join(folder.path, "few.parquet"), fewRows);
    const convert = (file: string, more: readonly ConvertStep[]): Promise<number> =>
      timeMs(() => publish(engine, join(folder.path, randomUUID()), file, [...steps, ...more]));
    const { declared, copy, some, called, encrypted } = await takeTurns(
      {
        declared: () => convert(many, []),
        copy: () => timeMs(() => copyRows(peer, many, join(folder.path, randomUUID()))),
        some: () => convert(few, []),
        called: () => convert(few, [(row) => ({ ...row, customer: String(row["customer"]).toUpperCase() })]),
        encrypted: () => convert(few, [{ encrypt: ["customer"] }]),
      },
      { warmUps: 1, repetitions: 3 },
    );
    const declaredFew = { name: "declared steps alone", values: some };
    return [
      {
        name: "1 M rows through five declared steps, as a job's whole publication",
        unit: "ms",
        ours: declared,
        peer: { name: "DuckDB `copy` of the same query", values: copy },
      },
      { name: "200,000 rows through a function, too", unit: "ms", ours: called, peer: declaredFew },
      { name: "200,000 rows with one column encrypted, too", unit: "ms", ours: encrypted, peer: declaredFew },
    ];
  },
};

async function makeRows(peer: DuckDbPeer, path: string, rows: number): Promise<string> {
  const select = `select range as id, 'customer ' || (range % 1000) as name, cast(range % 997 / 100.0 as varchar) as amount,
    range % 5 as quantity, strftime(timestamp '2026-01-01' + interval (range) second, '%Y-%m-%d %H:%M:%S') as ordered, 'a note' as note
    from range(${rows})`;
  await peer.run(`copy (${select}) to ${quoteLiteral(path)} (${parquetOptions})`);
  return path;
}

async function publish(engine: Engine, root: string, file: string, convert: readonly ConvertStep[]): Promise<void> {
  const data = createBenchRuns(engine, root)(1);
  const { rows } = await data.publish({
    source: { file: { path: file } },
    convert,
    output: { dataset: "orders", parquet: { path: "out/rows.parquet" } },
  });
  if (rows === 0) throw new Error("expected rows to be published, got: none");
}

async function copyRows(peer: DuckDbPeer, file: string, path: string): Promise<void> {
  const rows = `with rows as (select * from read_parquet(${quoteLiteral(file)})) ${sameInSql}`;
  await peer.run(`copy (${rows}) to ${quoteLiteral(path)} (${parquetOptions})`);
  await flush(path);
  await flush(dirname(path));
}
