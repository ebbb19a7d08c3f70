// Ten million keys in a quarter of the memory that they take: what spilling and merging cost. `BENCH_KEYS` makes them fewer.
import { createWriteStream } from "node:fs";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { buildPackage, jobProcess, makeProject } from "../harness/built-package.ts";
import { runNodeWithPeakMemory } from "../harness/node-process.ts";
import { takeTurns } from "../harness/take-turns.ts";
import { openDuckDbPeer } from "../data/duckdb-peer.ts";
import { reportedMs } from "./reported-ms.ts";

const keys = Number(process.env["BENCH_KEYS"] ?? 10_000_000);
const source = ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning"];
const [warmUps, repetitions] = [1, 3];

export const bench: Bench = {
  name: "count-distinct",
  description: `${keys.toLocaleString("en")} lines counted by a key that each has for itself, with 256 MB of memory, with a function and with a named key, published to Parquet, beside DuckDB's \`read_csv … group by\` with the same limit`,
  async run() {
    await buildPackage();
    await using folder = await createBenchFolder();
    const project = join(folder.path, "project");
    await cp(join(import.meta.dirname, "project"), project, { recursive: true });
    await makeProject(project);
    await pipeline(Readable.from(writeLines()), createWriteStream(join(project, "ids.log")));
    const peaks = { ours: [] as number[], field: [] as number[], duckdb: [] as number[] };
    const values = await takeTurns(
      {
        ours: () => runJob(project, "count_ids", peaks.ours),
        field: () => runJob(project, "count_ids_field", peaks.field),
        duckdb: () => runDuckDb(project, peaks.duckdb),
      },
      { warmUps, repetitions },
    );
    const peer = "DuckDB with the same limit";
    return [
      {
        name: `${keys.toLocaleString("en")} distinct keys, \`map\` of fields`,
        unit: "ms",
        ours: values.ours,
        peer: { name: peer, values: values.duckdb },
        target: { kind: "ratio", atMost: 2 },
      },
      {
        name: `${keys.toLocaleString("en")} distinct keys, \`key\``,
        unit: "ms",
        ours: values.field,
        peer: { name: peer, values: values.duckdb },
        target: { kind: "ratio", atMost: 2 },
      },
      {
        name: "peak resident memory of the process, `key`",
        unit: "MB",
        ours: peaks.field.slice(warmUps),
        peer: { name: peer, values: peaks.duckdb.slice(warmUps) },
      },
      {
        name: "peak resident memory of the process, `map` of fields",
        unit: "MB",
        ours: peaks.ours.slice(warmUps),
        peer: { name: peer, values: peaks.duckdb.slice(warmUps) },
      },
    ];
  },
};

/** In an order that no table likes: neighbours are far from each other. */
function* writeLines(): Generator<string> {
  const perPart = 100_000;
  for (let from = 0; from < keys; from += perPart) {
    const count = Math.min(perPart, keys - from);
    yield Array.from({ length: count }, (_, n) => `k${((from + n) * 7_368_787) % keys} x\n`).join("");
  }
}

async function runJob(project: string, job: string, peaks: number[]): Promise<number> {
  for (const folder of ["out", "lake", ".millrace"]) await rm(join(project, folder), { recursive: true, force: true });
  const result = runNodeWithPeakMemory([...source, jobProcess, project, job]);
  peaks.push(result.peakMb);
  await assertCounted(join(project, `out/${job}.parquet`));
  return reportedMs(result);
}

async function runDuckDb(project: string, peaks: number[]): Promise<number> {
  const output = join(project, "duckdb.parquet");
  const program = join(import.meta.dirname, "count-ids-by-duckdb.ts");
  const result = runNodeWithPeakMemory([...source, program, join(project, "ids.log"), output]);
  peaks.push(result.peakMb);
  await assertCounted(output);
  return reportedMs(result);
}

async function assertCounted(parquet: string): Promise<void> {
  using peer = await openDuckDbPeer();
  const sql = `select count(*)::int as n, sum(value)::int as total, count(distinct key)::int as keys from '${parquet}'`;
  const [row] = await peer.run(sql);
  if (row?.["n"] !== keys || row["total"] !== keys || row["keys"] !== keys)
    throw new Error(`${parquet} has counted something else than there is: ${JSON.stringify(row)}`);
}
