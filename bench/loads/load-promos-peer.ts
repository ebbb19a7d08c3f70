// The same promotions by hand: `node bench/loads/load-promos-peer.ts <folder>`, with the address of a database in BENCH_TO_URL. One DuckDB
// script puts the rows in order once and copies them to two Parquet files and to CSV, which `copy … from stdin` loads, as `\copy` of
// psql does; no staging, no checks, no versions.
import { createReadStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from } from "pg-copy-streams";
import { transformPromotions } from "../../examples/load-promos/dwh/jobs/load_promos/_promotion_transformer.ts";
import { flush, openDuckDbPeer, parquetOptions } from "../data/duckdb-peer.ts";

const [root = "."] = process.argv.slice(2);
const startedAtMs = performance.now();
const folder = join(root, "peer");
await mkdir(folder, { recursive: true });
using db = await openDuckDbPeer();
await db.run(`create temp table promos as ${transformed(`from read_parquet('${join(root, "deliveries.parquet")}')`)}`);
for (const file of ["unity.parquet", "stage.parquet"]) {
  await db.run(`copy promos to '${join(folder, file)}' (${parquetOptions})`);
  await flush(join(folder, file));
}
const copyingAtMs = performance.now();
await db.run(`copy promos to '${join(folder, "promos.csv")}' (header false)`);
await copyIn(join(folder, "promos.csv"));
const endedAtMs = performance.now();
console.log(JSON.stringify({ wallMs: endedAtMs - startedAtMs, copyMs: endedAtMs - copyingAtMs }));

/** The steps of the job as one query; rows that its rules set aside are left out. */
function transformed(source: string): string {
  const known =
    "currency in ('EUR', 'USD', 'GBP', 'SEK') and discount_percent between 0 and 100 and promo_id is not null";
  const steps = [transformPromotions]
    .flat()
    .map((step) => (typeof step === "string" ? step : `select * from source where ${known}`));
  return steps.reduce((before, step) => `(with source as (select * from ${before}) ${step})`, `(${source})`);
}

async function copyIn(csv: string): Promise<void> {
  const client = new pg.Client({ connectionString: process.env["BENCH_TO_URL"] ?? "" });
  await client.connect();
  await client.query(
    `begin; create table promos (promo_id text, version bigint, name text, currency text, discount_percent numeric(9, 2),
      budget numeric(12, 2), valid_from date, valid_to date, is_current boolean, updated_at timestamp)`,
  );
  await pipeline(createReadStream(csv), client.query(from("copy promos from stdin (format csv)")));
  await client.query("commit");
  await client.end();
}
