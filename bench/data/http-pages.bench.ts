// 200 pages of 5,000 rows and 8 columns from a service on this machine to Parquet, with a step of SQL, beside DuckDB's `copy` from the
// same pages in files. Both in wall time and in time of the processor. `BENCH_HTTP_PAGES` makes it smaller, for a quick look.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import { type Engine, quoteLiteral } from "../../src/compute/engine.ts";
import type { Bench, Measure } from "../harness/bench.ts";
import { createBenchRuns } from "../harness/bench-data.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";
import { computeSettings, type DuckDbPeer, flush, openDuckDbPeer, parquetOptions } from "./duckdb-peer.ts";

const pageCount = Number(process.env["BENCH_HTTP_PAGES"] ?? 200);
const rowsPerPage = 5_000;

/** What becomes of the rows on both sides. */
const convert = `select id, name as customer, cast(amount as decimal(18,2)) as amount, upper(city) as city, active, created_at, email, note from`;

export const bench: Bench = {
  name: "http-pages",
  description: `${pageCount} pages of ${rowsPerPage} rows from a service on this machine to Parquet, beside DuckDB's \`copy\` from the saved pages`,
  hasServer: true,
  async run() {
    await using folder = await createBenchFolder();
    await using engine = createDuckDbEngine(computeSettings);
    using peer = await openDuckDbPeer();
    await writePages(folder.path);
    const { service, url } = await startService(folder.path);
    try {
      const read = (): Promise<unknown> => publishPages(engine, join(folder.path, randomUUID()), url);
      const copy = (): Promise<unknown> => copyPages(peer, folder.path, join(folder.path, randomUUID()));
      const turns = { warmUps: 1, repetitions: 5 };
      const wall = await takeTurns({ ours: () => timeMs(read), copy: () => timeMs(copy) }, turns);
      const cpu = await takeTurns({ ours: () => cpuMs(read), copy: () => cpuMs(copy) }, turns);
      return [toMeasure("wall time", wall, 2), toMeasure("time of the processor", cpu, 2)];
    } finally {
      service.kill();
      await once(service, "exit");
    }
  },
};

function toMeasure(
  what: string,
  { ours, copy }: { readonly ours: readonly number[]; readonly copy: readonly number[] },
  atMost: number,
): Measure {
  return {
    name: `${((pageCount * rowsPerPage) / 1_000_000).toFixed(1)} M rows, ${what}`,
    unit: "ms",
    ours,
    peer: { name: "DuckDB `copy` from saved pages", values: copy },
    target: { kind: "ratio", atMost },
  };
}

async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

async function writePages(folder: string): Promise<void> {
  for (let page = 0; page < pageCount; page += 1) {
    const data = Array.from({ length: rowsPerPage }, (_, index) => toRow(page * rowsPerPage + index));
    const next = page + 1 < pageCount ? String(page + 1) : null;
    await writeFile(join(folder, `page-${page}.json`), JSON.stringify({ next, data }));
  }
}

function toRow(id: number): object {
  return {
    id,
    name: `customer number ${(id * 7_919) % 100_003}`,
    email: `user${id}@example.com`,
    amount: ((id * 37) % 1_000_000) / 100,
    active: id % 3 === 0,
    created_at: new Date(1_700_000_000_000 + id * 61_000).toISOString(),
    city: ["Berlin", "Paris", "Oslo", "Kyoto"][id % 4],
    note: `lorem ipsum dolor sit ${id % 1_000}`,
  };
}

async function startService(folder: string): Promise<{ readonly service: ChildProcess; readonly url: string }> {
  const script = join(import.meta.dirname, "page-service.ts");
  const service = spawn(process.execPath, [script, folder, String(pageCount)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: service.stdout });
  const [port] = (await once(lines, "line")) as [string];
  return { service, url: `http://127.0.0.1:${port}/rows` };
}

async function publishPages(engine: Engine, root: string, url: string): Promise<void> {
  await mkdir(root, { recursive: true });
  const { rows } = await createBenchRuns(
    engine,
    root,
  )(1).publish({
    source: {
      http: {
        url,
        query: { cursor: "{{page.cursor?}}" },
        pagination: { kind: "cursor", path: "next" },
        read: { rows: "data" },
      },
    },
    sql: `${convert} source`,
    output: { dataset: "customers", parquet: { path: "rows.parquet" } },
  });
  if (rows !== pageCount * rowsPerPage) throw new Error(`expected all rows, got: ${rows}`);
}

async function copyPages(peer: DuckDbPeer, folder: string, path: string): Promise<void> {
  const row =
    "STRUCT(id BIGINT, name VARCHAR, email VARCHAR, amount DOUBLE, active BOOLEAN, created_at TIMESTAMPTZ, city VARCHAR, note VARCHAR)";
  const columns = `columns = {'data': '${row}[]'}, format = 'unstructured', maximum_object_size = 16777216`;
  const rows = `(select unnest(data, recursive := true) from read_json(${quoteLiteral(join(folder, "page-*.json"))}, ${columns}))`;
  await peer.run(`copy (${convert} ${rows}) to ${quoteLiteral(path)} (${parquetOptions})`);
  await flush(path);
}
