// The table of http-pages beside what people read services with today: dlt to Parquet, and airbyte-cdk to lines of JSON, with fewer
// pages because of their pace. Times are for a million rows, without the start of any program.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import { ensurePython } from "../../tests/services/python-environment.ts";
import type { Bench, Measure } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { computeSettings } from "../data/duckdb-peer.ts";
import { publishPages, rowsPerPage, startPageService, writePages } from "./page-workload.ts";

/** How many pages each side reads. */
const pages = { millrace: 200, dlt: 20, airbyte: 10 };
const repetitions = 3;

interface Reading {
  readonly rows: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

type Tool = "dlt" | "airbyte";

export const bench: Bench = {
  name: "http-peers",
  description: "a million rows of a service in pages, beside dlt and airbyte-cdk",
  hasServer: true,
  async run() {
    const python = await ensurePython(["dlt==1.31.0", "pyarrow==26.0.1", "airbyte-cdk==7.39.1"]);
    await using folder = await createBenchFolder();
    const ours: Reading[] = [];
    const theirs: Record<Tool, Reading[]> = { dlt: [], airbyte: [] };
    for (let turn = 0; turn < repetitions; turn += 1) {
      ours.push(await withService(folder.path, pages.millrace, readWithMillrace));
      for (const tool of ["dlt", "airbyte"] as const) {
        const read = (url: string, place: string): Promise<Reading> => readWithPeer(python, tool, url, place);
        theirs[tool].push(await withService(folder.path, pages[tool], read));
      }
    }
    return [
      toMeasure("time of the processor", "dlt, to Parquet", 0.125, cpuOf(ours), cpuOf(theirs.dlt)),
      toMeasure("wall time", "dlt, to Parquet", 0.083, wallOf(ours), wallOf(theirs.dlt)),
      toMeasure("time of the processor", "airbyte-cdk, to lines of JSON", 0.067, cpuOf(ours), cpuOf(theirs.airbyte)),
    ];
  },
};

function toMeasure(what: string, name: string, atMost: number, ours: number[], values: number[]): Measure {
  return { name: `1.0 M rows, ${what}`, unit: "ms", ours, peer: { name, values }, target: { kind: "ratio", atMost } };
}

const cpuOf = (readings: readonly Reading[]): number[] =>
  readings.map(({ cpuSeconds, rows }) => (cpuSeconds / rows) * 1e9);
const wallOf = (readings: readonly Reading[]): number[] => readings.map(({ seconds, rows }) => (seconds / rows) * 1e9);

async function withService(
  root: string,
  count: number,
  read: (url: string, place: string) => Promise<Reading>,
): Promise<Reading> {
  const place = join(root, randomUUID());
  await mkdir(place);
  await writePages(place, count);
  const { service, url } = await startPageService(place, count);
  try {
    const reading = await read(url, place);
    if (reading.rows !== count * rowsPerPage) throw new Error(`expected all rows, got: ${reading.rows}`);
    return reading;
  } finally {
    service.kill();
    await once(service, "exit");
  }
}

async function readWithMillrace(url: string, place: string): Promise<Reading> {
  await using engine = createDuckDbEngine(computeSettings);
  const [started, used] = [performance.now(), process.cpuUsage()];
  const rows = await publishPages(engine, join(place, "project"), url);
  const { user, system } = process.cpuUsage(used);
  return { rows, seconds: (performance.now() - started) / 1e3, cpuSeconds: (user + system) / 1e6 };
}

async function readWithPeer(python: string, tool: Tool, url: string, place: string): Promise<Reading> {
  const script = join(import.meta.dirname, "../peers/rest_reader.py");
  const { stdout } = await promisify(execFile)(python, [script, tool, new URL(url).origin, place]);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Reading;
}
