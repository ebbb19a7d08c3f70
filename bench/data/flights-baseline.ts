// The flights example by hand, as one DuckDB script: `node bench/data/flights-baseline.ts <folder>`. The same reads, joins and
// checks, the same quarantine, and the same files and tables, flushed; but no staging, no versions, no history, no restart.
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { rawData } from "../../examples/flights/raw-data.ts";
import { loadFindings } from "../../examples/flights/report/load-findings.ts";
import { renderPage } from "../../examples/flights/report/render-page.ts";
import { toDatasetName } from "../../src/core/dataset/dataset-handle.ts";
import { renderText } from "../../examples/flights/report/render-text.ts";
import { type DuckDbPeer, flush, openDuckDbPeer, parquetOptions } from "./duckdb-peer.ts";

const [root = "."] = process.argv.slice(2);
const startedAtMs = performance.now();
const lake = join(root, "lake");
const out = join(root, "out");
using db = await openDuckDbPeer();

for (const folder of [lake, out]) await mkdir(folder, { recursive: true });
await loadAirports(db);
await loadFlights(db, "raw_flights", `select * from read_parquet('${rawData("flights-3m.parquet")}')`);
await check(
  db,
  "raw_flights",
  `count(*) filter (date is null or delay is null or distance is null or origin is null or destination is null) = 0 as complete,
   count(*) >= 2900000 as enough, count(*) filter (distance not between 1 and 6000) >= 0 as counted`,
);
await loadFlights(
  db,
  "late_flights",
  `select strptime(date, '%Y/%m/%d %H:%M') as date, delay, distance, origin, destination
   from read_json('${rawData("flights-20k.json")}')`,
);
await cleanFlights(db);
await summarizeDelays(db);
await rankRoutes(db);
await rankAirports(db);
await writeReport(db);
console.log(JSON.stringify({ wallMs: performance.now() - startedAtMs }));

async function loadAirports(db: DuckDbPeer): Promise<void> {
  await write(db, "airports", `select * from read_csv('${rawData("airports.csv")}')`);
  await check(
    db,
    "airports",
    `count(*) filter (iata is null or latitude is null or longitude is null) = 0 as complete, count(*) >= 3000 as enough`,
  );
  await checkUnique(db, "airports", "iata");
}

/** Splits the rows by whether airports and delay can be. */
async function loadFlights(db: DuckDbPeer, name: string, sql: string): Promise<void> {
  const unknown = `origin not in (select iata from airports) or destination not in (select iata from airports)`;
  const impossible = `delay < -120 or delay > 1440`;
  await write(db, name, `select * from (${sql}) where not (${unknown} or ${impossible})`);
  const reasons = `list_filter([case when ${unknown} then 'airports' end, case when ${impossible} then 'delay' end],
    lambda reason: reason is not null)`;
  await write(
    db,
    `${name}_quarantine`,
    `select *, ${reasons} as reasons from (${sql}) where ${unknown} or ${impossible}`,
  );
}

async function cleanFlights(db: DuckDbPeer): Promise<void> {
  await write(
    db,
    "flights",
    `with flights as (
       select distinct date, delay, distance, origin, destination from raw_flights
       union
       select date, delay, distance, origin, destination from late_flights
     )
     select
       f.date as departed_at, cast(f.date as date) as departed_on, month(f.date) as month,
       cast(f.delay as integer) as delay_minutes, cast(f.distance as integer) as distance_miles,
       f.origin, o.city as origin_city, o.state as origin_state,
       f.destination, d.city as destination_city, d.state as destination_state
     from flights f
     join airports o on o.iata = f.origin
     join airports d on d.iata = f.destination`,
    "month",
  );
  await check(
    db,
    "flights",
    `count(*) filter (departed_at is null or origin_city is null or destination_city is null) = 0 as complete,
     count(*) filter (delay_minutes < -120 or delay_minutes > 1440) = 0 as possible,
     count(*) between 2900000 and 3020000 as enough, count(*) filter (origin = destination) >= 0 as counted`,
  );
}

async function summarizeDelays(db: DuckDbPeer): Promise<void> {
  await write(
    db,
    "delay_by_airport_day",
    `select
       origin as airport, departed_on as day, count(*) as flights, round(avg(delay_minutes), 2) as mean_delay_minutes,
       cast(quantile_disc(delay_minutes, 0.9) as integer) as p90_delay_minutes,
       count(*) filter (delay_minutes < 15) as on_time_flights
     from flights group by all order by airport, day`,
  );
  await checkUnique(db, "delay_by_airport_day", "airport, day");
  await check(
    db,
    "delay_by_airport_day",
    `count(*) filter (airport not in (select iata from airports)) = 0 as known, count(*) filter (flights < 1) = 0 as some`,
  );
  await writeFileOf(db, "delay_by_airport_day");
}

async function rankRoutes(db: DuckDbPeer): Promise<void> {
  await write(
    db,
    "busiest_routes",
    `select
       origin, destination, any_value(origin_city) as origin_city, any_value(destination_city) as destination_city,
       count(*) as flights, any_value(distance_miles) as distance_miles,
       round(avg(delay_minutes), 2) as mean_delay_minutes
     from flights group by origin, destination order by flights desc, origin, destination`,
  );
  await checkUnique(db, "busiest_routes", "origin, destination");
  await check(db, "busiest_routes", "count(*) >= 1000 as enough");
  await writeTable(db, "busiest_routes");
}

async function rankAirports(db: DuckDbPeer): Promise<void> {
  await write(
    db,
    "on_time_ranking",
    `select
       cast(row_number() over (order by sum(d.on_time_flights) / sum(d.flights) desc, d.airport) as integer) as rank,
       d.airport, any_value(a.city) as city, any_value(a.state) as state, cast(sum(d.flights) as bigint) as flights,
       round(sum(d.on_time_flights) / sum(d.flights), 4) as on_time_share,
       round(sum(d.mean_delay_minutes * d.flights) / sum(d.flights), 1) as mean_delay_minutes
     from delay_by_airport_day d join airports a on a.iata = d.airport
     group by d.airport having sum(d.flights) >= 1000 order by rank`,
  );
  await checkUnique(db, "on_time_ranking", "airport");
  await checkUnique(db, "on_time_ranking", "rank");
  await check(db, "on_time_ranking", "count(*) filter (on_time_share not between 0 and 1) = 0 as shares");
  await writeFileOf(db, "on_time_ranking");
  await writeTable(db, "on_time_ranking");
}

async function writeReport(db: DuckDbPeer): Promise<void> {
  const findings = await loadFindings(
    {
      query: (...[sql]) => db.run(String(sql)),
      credentials: () => Promise.reject(new Error("the baseline has no credentials")),
      topic: () => Promise.reject(new Error("the baseline has no runs")),
      hasPublished: () => Promise.reject(new Error("the baseline has no runs")),
      rekey: () => Promise.reject(new Error("the baseline has no credentials")),
      mapReduce: () => Promise.reject(new Error("the baseline has no credentials")),
      vacuum: () => Promise.reject(new Error("the baseline has no credentials")),
      optimize: () => Promise.reject(new Error("the baseline has no credentials")),
      dataset: async (reference) => {
        const name = toDatasetName(reference);
        const [row] = await db.run(`select count(*) as n from ${name}`);
        return {
          dataset: name,
          version: 1,
          runId: 0 as never,
          job: "",
          locations: [],
          schema: [],
          rowCount: Number(row?.["n"]),
          fingerprint: "",
          createdAtMs: 0,
        };
      },
      publish: () => Promise.reject(new Error("the report publishes nothing")),
      quarantine: {
        release: () => Promise.reject(new Error("the report publishes nothing")),
        remove: () => Promise.reject(new Error("the report publishes nothing")),
      },
    },
    { topRoutes: 10, topAirports: 12 },
  );
  await writeFile(join(out, "report.txt"), renderText(findings));
  await writeFile(join(out, "report.html"), renderPage(findings));
}

/** Writes a dataset to `lake/<name>` and makes it a view of that name. */
async function write(db: DuckDbPeer, name: string, sql: string, partitionBy?: string): Promise<void> {
  const folder = join(lake, name);
  await mkdir(folder);
  const [path, options] =
    partitionBy === undefined ? [join(folder, "rows.parquet"), ""] : [folder, `, partition_by (${partitionBy})`];
  const allowFolder = partitionBy === undefined ? "" : ", overwrite_or_ignore";
  await db.run(`copy (${sql}) to '${path}' (${parquetOptions}${options}${allowFolder})`);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) await flush(join(entry.parentPath, entry.name));
  await flush(folder);
  await db.run(`create view ${name} as from read_parquet('${folder}/**/*.parquet')`);
}

/** Writes a dataset to a file in `out/`, too. */
async function writeFileOf(db: DuckDbPeer, name: string): Promise<void> {
  const path = join(out, `${name}.parquet`);
  await db.run(`copy (from ${name}) to '${path}' (${parquetOptions})`);
  await flush(path);
}

/** Writes a dataset to a table of `out/flights.sqlite`, too. */
async function writeTable(db: DuckDbPeer, name: string): Promise<void> {
  const rows = await db.run(`from ${name}`);
  const columns = await db.run(`describe ${name}`);
  using database = new DatabaseSync(join(out, "flights.sqlite"));
  database.exec(
    `begin; create table ${name} (${columns.map((column) => `${String(column["column_name"])} ${String(column["column_type"])}`).join(", ")})`,
  );
  const insert = database.prepare(`insert into ${name} values (${columns.map(() => "?").join(", ")})`);
  // rows of these tables hold text and numbers alone
  for (const row of rows) insert.run(...(Object.values(row) as SQLInputValue[]));
  database.exec("commit");
}

/** Evaluates conditions over all rows at once. */
async function check(db: DuckDbPeer, name: string, conditions: string): Promise<void> {
  const [row = {}] = await db.run(`select ${conditions} from ${name}`);
  const failed = Object.keys(row).filter((condition) => row[condition] !== true);
  if (failed.length > 0) throw new Error(`${name}: ${failed.join(", ")}`);
}

async function checkUnique(db: DuckDbPeer, name: string, key: string): Promise<void> {
  const repeated = await db.run(`select ${key} from ${name} group by ${key} having count(*) > 1 limit 1`);
  if (repeated.length > 0) throw new Error(`${name}: ${key} is not unique`);
}
