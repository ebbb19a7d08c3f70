// A table of MariaDB to Parquet, with every value as the server says it, beside dlt with its backend for whole tables.
// `BENCH_MARIADB_ROWS` makes it smaller, for a quick look.
import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import { startMariaDb } from "../../tests/services/mariadb/mariadb-server.ts";
import { ensurePython } from "../../tests/services/python-environment.ts";
import type { Bench } from "../harness/bench.ts";
import { createBenchRuns } from "../harness/bench-data.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { takeTurns } from "../harness/take-turns.ts";
import { computeSettings } from "../data/duckdb-peer.ts";

const rowCount = Number(process.env["BENCH_MARIADB_ROWS"] ?? 1_000_000);

interface Reading {
  readonly rows: number;
  readonly seconds: number;
}

export const bench: Bench = {
  name: "mariadb-parquet",
  description: `${rowCount.toLocaleString("en-US")} rows of 8 columns from MariaDB to Parquet, beside dlt`,
  hasServer: true,
  async run() {
    const python = await ensurePython([
      "dlt[sql_database]==1.31.0",
      "pyarrow==26.0.1",
      "pymysql==1.1.2",
      "numpy==2.3.5",
    ]);
    await using folder = await createBenchFolder();
    await using server = await startMariaDb();
    const database = await server.createDatabase();
    await server.query(fillOrders, database);
    const url = server.url(database);
    const script = join(import.meta.dirname, "../peers/sql_reader.py");
    const turn = async (read: (place: string) => Promise<Reading>): Promise<number> => {
      const { rows, seconds } = await read(await mkdtemp(join(folder.path, "turn-")));
      if (rows !== rowCount) throw new Error(`expected all rows, got: ${rows}`);
      return seconds * 1_000;
    };
    const withDlt = async (place: string): Promise<Reading> => {
      const args = [script, url.replace("mysql://", "mysql+pymysql://"), place];
      const { stdout } = await promisify(execFile)(python, args);
      return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Reading;
    };
    const { ours, dlt } = await takeTurns(
      {
        ours: () => turn((place) => readWithMillrace(url, place)),
        dlt: () => turn(withDlt),
      },
      { warmUps: 0, repetitions: 3 },
    );
    return [
      {
        name: "MariaDB → Parquet",
        unit: "ms",
        ours,
        peer: { name: "dlt, backend `pyarrow`", values: dlt },
        target: { kind: "ratio", atMost: 0.33 },
      },
    ];
  },
};

async function readWithMillrace(url: string, root: string): Promise<Reading> {
  await using engine = createDuckDbEngine(computeSettings);
  const startedAtMs = performance.now();
  const { rows } = await createBenchRuns(
    engine,
    root,
  )(1).publish({
    source: { sql: { url, table: "orders", parallel: 2 } },
    output: { dataset: "orders", parquet: { path: "orders.parquet" } },
  });
  return { rows, seconds: (performance.now() - startedAtMs) / 1_000 };
}

const fillOrders = `
  create table orders (id bigint primary key, customer varchar(40), amount decimal(16,4), ordered_at datetime(6), day date,
    paid boolean, note varchar(60), weight double);
  insert into orders select seq, concat('customer ', seq % 1000), (seq % 9999) / 7, timestamp '2026-01-01 00:00:00' + interval seq second,
    date '2026-01-01' + interval seq % 365 day, seq % 3 = 0, if(seq % 5 = 0, null, concat('note "', seq, '"')), rand(seq)
    from seq_1_to_${rowCount}`;
