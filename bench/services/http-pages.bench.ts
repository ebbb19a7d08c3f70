// 200 pages of 5,000 rows and 8 columns from a service on this machine to Parquet, with a step of SQL, beside DuckDB's `copy` from the
// same pages in files. Both in wall time and in time of the processor. `BENCH_HTTP_PAGES` makes it smaller, for a quick look.
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import { quoteLiteral } from "../../src/compute/engine.ts";
import type { Bench, Measure } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";
import { computeSettings, type DuckDbPeer, flush, openDuckDbPeer, parquetOptions } from "../data/duckdb-peer.ts";
import { convertPages, publishPages, rowsPerPage, startPageService, writePages } from "./page-workload.ts";

const pageCount = Number(process.env["BENCH_HTTP_PAGES"] ?? 200);

export const bench: Bench = {
  name: "http-pages",
  description: `${pageCount} pages of ${rowsPerPage} rows from a service on this machine to Parquet, beside DuckDB's \`copy\` from the saved pages`,
  hasServer: true,
  async run() {
    await using folder = await createBenchFolder();
    await using engine = createDuckDbEngine(computeSettings);
    using peer = await openDuckDbPeer();
    await writePages(folder.path, pageCount);
    const { service, url } = await startPageService(folder.path, pageCount);
    try {
      const read = async (): Promise<void> => {
        const rows = await publishPages(engine, join(folder.path, randomUUID()), url);
        if (rows !== pageCount * rowsPerPage) throw new Error(`expected all rows, got: ${rows}`);
      };
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

async function copyPages(peer: DuckDbPeer, folder: string, path: string): Promise<void> {
  const row =
    "STRUCT(id BIGINT, name VARCHAR, email VARCHAR, amount DOUBLE, active BOOLEAN, created_at TIMESTAMPTZ, city VARCHAR, note VARCHAR)";
  const columns = `columns = {'data': '${row}[]'}, format = 'unstructured', maximum_object_size = 16777216`;
  const rows = `(select unnest(data, recursive := true) from read_json(${quoteLiteral(join(folder, "page-*.json"))}, ${columns}))`;
  await peer.run(`copy (${convertPages} ${rows}) to ${quoteLiteral(path)} (${parquetOptions})`);
  await flush(path);
}
