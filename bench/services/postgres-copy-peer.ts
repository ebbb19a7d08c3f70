// The same rows by one `copy … to stdout` piped into one `copy … from stdin`, which is what `pg_dump | psql` does with them:
// `node bench/services/postgres-copy-peer.ts`, with the addresses in BENCH_FROM_URL and BENCH_TO_URL.
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from, to } from "pg-copy-streams";

const [source, target] = ["BENCH_FROM_URL", "BENCH_TO_URL"].map(
  (name) => new pg.Client({ connectionString: process.env[name] ?? "" }),
) as [pg.Client, pg.Client];
const startedAtMs = performance.now();
await Promise.all([source.connect(), target.connect()]);
const { rows: columns } = await source.query<{ name: string; type: string }>(
  `select quote_ident(attname) as name, format_type(atttypid, atttypmod) as type from pg_attribute
    where attrelid = 'orders'::regclass and attnum > 0 order by attnum`,
);
await target.query(`begin; create table orders (${columns.map(({ name, type }) => `${name} ${type}`).join(", ")})`);
await pipeline(source.query(to("copy orders to stdout")), target.query(from("copy orders from stdin")));
await target.query("commit");
await Promise.all([source.end(), target.end()]);
console.log(JSON.stringify({ wallMs: performance.now() - startedAtMs }));
