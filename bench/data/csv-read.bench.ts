// A csv file of 1 GB as a job publishes it to Parquet, with declared types and with types inferred over all values, beside one
// DuckDB `copy` with declared types. `BENCH_CSV_MB` makes the file smaller, for a quick look.
import { randomUUID } from "node:crypto";
import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import { type Engine, quoteIdentifier, quoteLiteral } from "../../src/compute/engine.ts";
import type { CsvOptions } from "../../src/data/sources/csv/options.ts";
import type { Bench } from "../harness/bench.ts";
import { createBenchRuns } from "../harness/bench-data.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { computeSettings, type DuckDbPeer, flush, openDuckDbPeer, parquetOptions } from "./duckdb-peer.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";

const megabytes = Number(process.env["BENCH_CSV_MB"] ?? 1000);
const bytesPerRow = 108.6;
const rowCount = Math.round((megabytes * 1_000_000) / bytesPerRow);

/** The columns of the file, with a short text, a long one in quotes, and one of each kind of value that is inferred. */
const columns: Readonly<Record<string, string>> = {
  id: "BIGINT",
  customer: "BIGINT",
  name: "VARCHAR",
  amount: "DECIMAL(15,2)",
  quantity: "BIGINT",
  day: "DATE",
  at: "TIMESTAMP WITH TIME ZONE",
  paid: "BOOLEAN",
  country: "VARCHAR",
  note: "VARCHAR",
};

export const bench: Bench = {
  name: "csv-read",
  description: `a csv file of ${megabytes} MB as a job publishes it to Parquet, beside DuckDB's \`copy\` from \`read_csv\` with declared columns, both flushed`,
  async run() {
    await using folder = await createBenchFolder();
    await using engine = createDuckDbEngine(computeSettings);
    using peer = await openDuckDbPeer();
    const path = join(folder.path, "rows.csv");
    await writeCsv(peer, path);
    const publish = (csv: CsvOptions) => async () => {
      const root = join(folder.path, randomUUID());
      return await timeMs(() => publishParquet(engine, root, path, csv));
    };
    const { declared, copy, inferred } = await takeTurns(
      {
        declared: publish({ columns }),
        copy: () => timeMs(() => copyParquet(peer, path, join(folder.path, randomUUID()))),
        inferred: publish({}),
      },
      { warmUps: 1, repetitions: 5 },
    );
    const values = { name: "DuckDB `copy` from `read_csv`", values: copy };
    const size = `${Math.round((await stat(path)).size / 1_000_000)} MB csv → Parquet`;
    return [
      {
        name: `${size}, types declared`,
        unit: "ms",
        ours: declared,
        peer: values,
        target: { kind: "ratio", atMost: 1.3 },
      },
      {
        name: `${size}, types inferred over all values`,
        unit: "ms",
        ours: inferred,
        peer: values,
        target: { kind: "ratio", atMost: 2.2 },
      },
    ];
  },
};

async function writeCsv(peer: DuckDbPeer, path: string): Promise<void> {
  // the hash of a number looks like chance and is the same in every run
  const chance = (seed: number, limit: number): string => `(hash(i * ${seed}) % ${limit})::BIGINT`;
  await peer.run(`copy (
    select i as id, 1000000 + ${chance(5, 9_000_000)} as customer, 'customer ' || ${chance(3, 100_000)} as name,
      (${chance(7, 1_000_000)} / 100)::decimal(10,2) as amount, ${chance(11, 100)} as quantity,
      date '2020-01-01' + ${chance(13, 1500)}::integer as day,
      strftime(timestamp '2020-01-01' + to_milliseconds(${chance(17, 100_000_000_000)}), '%Y-%m-%dT%H:%M:%S.%gZ') as at,
      ${chance(19, 2)} = 0 as paid, ['DE', 'FR', 'NO', 'US'][1 + ${chance(23, 4)}] as country,
      'note, with comma ' || ${chance(29, 1000)} as note
    from range(${rowCount}) t(i)
  ) to ${quoteLiteral(path)} (format csv)`);
}

/** What a run of a job without checks does. */
async function publishParquet(engine: Engine, root: string, path: string, csv: CsvOptions): Promise<void> {
  await mkdir(root);
  const { rows } = await createBenchRuns(
    engine,
    root,
  )(1).publish({
    source: { file: { path, csv } },
    output: { dataset: "orders", parquet: { path: "rows.parquet" } },
  });
  if (rows !== rowCount) throw new Error(`expected ${rowCount} published rows, got: ${rows}`);
}

async function copyParquet(peer: DuckDbPeer, from: string, to: string): Promise<void> {
  const types = Object.entries(columns).map(([name, type]) => `${quoteIdentifier(name)}: ${quoteLiteral(type)}`);
  await peer.run(
    `copy (from read_csv(${quoteLiteral(from)}, columns = {${types.join(", ")}})) to ${quoteLiteral(to)} (${parquetOptions})`,
  );
  await flush(to);
  await flush(dirname(to));
}
