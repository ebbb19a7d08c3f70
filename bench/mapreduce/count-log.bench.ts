// An access log counted by path: jobs of map and reduce with functions of their own and with a named key, beside one query of DuckDB and a program in Rust that
// does what the job's engine does. `BENCH_LOG_MB` makes the log smaller, for a quick look.
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Bench, Measure } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { buildPackage } from "../harness/built-package.ts";
import { runNodeWithPeakMemory } from "../harness/node-process.ts";
import { takeTurns } from "../harness/take-turns.ts";
import { digestOf, logMb } from "./log-file.ts";
import {
  assertCounted,
  assertDigest,
  createLogProject,
  type LogProject,
  runLogEngine,
  runLogJob,
  sourceOptions,
} from "./log-project.ts";
import { reportedMs } from "./reported-ms.ts";
import { buildRustPeer, countInRust } from "./rust-peer.ts";

const warmUps = 1;
const repetitions = 5;

type Side = "records" | "bytes" | "field" | "engine" | "duckdb" | "rust" | "skewed";

/** Megabytes of a process, warm-ups first. */
type Peaks = Readonly<Record<"records" | "field" | "engine" | "rust", number[]>>;

export const bench: Bench = {
  name: "count-log",
  description: `an access log of ${logMb} MB counted by path (100,000 of them) by jobs of map and reduce, with functions of their own and with a named key, published to Parquet, beside DuckDB's \`read_csv … group by\` to Parquet and a program in Rust with the same algorithm; and a log of which one path has 90 %`,
  async run() {
    await buildPackage();
    const program = buildRustPeer();
    await using folder = await createBenchFolder();
    const [even, skewed] = [
      await createLogProject(folder.path, "even", 0),
      await createLogProject(folder.path, "skewed", 0.9),
    ];
    const peaks: Peaks = { records: [], field: [], engine: [], rust: [] };
    const values = await takeTurns(
      {
        records: async () => await runLogJob(even, "count_records", peaks.records),
        bytes: async () => await runLogJob(even, "count_bytes", []),
        field: async () => await runLogJob(even, "count_field", peaks.field),
        engine: async () => await runLogEngine(even, "count_field", peaks.engine),
        duckdb: async () => await runDuckDb(even),
        rust: async () => await runRust(program, even, peaks.rust),
        skewed: async () => await runLogJob(skewed, "count_records", []),
      },
      { warmUps, repetitions },
    );
    return [...toTimes(values), ...toPeaks(peaks)];
  },
};

function toTimes(values: Readonly<Record<Side, readonly number[]>>): readonly Measure[] {
  const duckdb = { name: "DuckDB `read_csv … group by`", values: values.duckdb };
  const rust = { name: "Rust, the same algorithm", values: values.rust };
  const size = `${logMb} MB`;
  return [
    {
      name: `${size}, \`map\` of fields`,
      unit: "ms",
      ours: values.records,
      peer: duckdb,
      target: { kind: "ratio", atMost: 1.7 },
    },
    {
      name: `${size}, \`mapBytes\``,
      unit: "ms",
      ours: values.bytes,
      peer: duckdb,
      target: { kind: "ratio", atMost: 1.3 },
    },
    { name: `${size}, \`key\``, unit: "ms", ours: values.field, peer: duckdb },
    {
      name: `${size}, \`key\`, the engine alone, from the log to rows in files`,
      unit: "ms",
      ours: values.engine,
      peer: rust,
      target: { kind: "ratio", atMost: 1.3 },
    },
    { name: `${size}, \`key\`, the whole run with its publication`, unit: "ms", ours: values.field, peer: rust },
    { name: `${size}, \`mapBytes\`, the whole run`, unit: "ms", ours: values.bytes, peer: rust },
    {
      name: `${size}, one path has 90 %`,
      unit: "ms",
      ours: values.skewed,
      peer: { name: "no path has", values: values.records },
      target: { kind: "ratio", atMost: 1.5 },
    },
  ];
}

function toPeaks(peaks: Peaks): readonly Measure[] {
  return [
    {
      name: "peak resident memory of the process of the job, `map` of fields",
      unit: "MB",
      ours: peaks.records.slice(warmUps),
      peer: { name: "Rust, the same algorithm", values: peaks.rust.slice(warmUps) },
      target: { kind: "value", atMost: 200 },
    },
    {
      name: "peak resident memory of the process of the job, `key`",
      unit: "MB",
      ours: peaks.field.slice(warmUps),
      peer: { name: "the engine alone", values: peaks.engine.slice(warmUps) },
      target: { kind: "value", atMost: 200 },
    },
  ];
}

async function runDuckDb({ path, log }: LogProject): Promise<number> {
  const output = join(path, "duckdb.parquet");
  const result = runNodeWithPeakMemory([
    ...sourceOptions,
    join(import.meta.dirname, "count-by-duckdb.ts"),
    log.path,
    output,
  ]);
  await assertCounted(output, log);
  return reportedMs(result);
}

async function runRust(program: string, { path, log }: LogProject, peaks: number[]): Promise<number> {
  const output = join(path, "rust.tsv");
  const { wallMs, peakMb } = countInRust(program, log.path, output, availableParallelism(), 6);
  peaks.push(peakMb);
  const lines = (await readFile(output, "utf8")).trimEnd().split("\n");
  const counts = lines.map((line) => line.split("\t")).map(([count, key]) => [key ?? "", Number(count)] as const);
  assertDigest("the program in Rust", digestOf(counts), log);
  return wallMs;
}
