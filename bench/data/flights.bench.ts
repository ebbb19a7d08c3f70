// The flights example, bronze to gold and report, beside the same work as one hand-written DuckDB script.
import { cp, readFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join, relative } from "node:path";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder, repositoryRoot } from "../harness/bench-folder.ts";
import { buildPackage, cliEntry, jobProcess, makeProject } from "../harness/built-package.ts";
import { openDuckDbPeer } from "./duckdb-peer.ts";
import { type NodeProcessResult, runNodeWithPeakMemory } from "../harness/node-process.ts";
import { takeTurns } from "../harness/take-turns.ts";

const warmUps = 1;
const repetitions = 9;

export const bench: Bench = {
  name: "flights",
  description:
    "the flights pipeline from raw files to published tables and report, beside one hand-written DuckDB script that does the same reads, joins, checks and writes, with the same threads and memory limit",
  async run() {
    await buildPackage();
    await using folder = await createBenchFolder();
    const memory = { ours: [] as number[], script: [] as number[] };
    const script = { cold: [] as number[], inProcess: [] as number[] };
    const last = { project: "", script: "" };
    const { cold, inProcess } = await takeTurns(
      {
        cold: async () => {
          last.project = await createFlightsProject(folder.path);
          const { wallMs, peakMb } = runNodeWithPeakMemory([cliEntry, "run", "flights"], { cwd: last.project });
          memory.ours.push(peakMb);
          return wallMs;
        },
        script: async () => {
          last.script = join(folder.path, randomUUID());
          const result = runNodeWithPeakMemory([join(import.meta.dirname, "flights-baseline.ts"), last.script]);
          memory.script.push(result.peakMb);
          script.cold.push(result.wallMs);
          script.inProcess.push(reportedMs(result));
          return result.wallMs;
        },
        inProcess: async () => {
          const project = await createFlightsProject(folder.path);
          return reportedMs(runNodeWithPeakMemory([jobProcess, project, "flights"]));
        },
      },
      { warmUps, repetitions },
    );
    await assertSameResults(last.project, last.script);
    const peer = (values: readonly number[]) => ({ name: "DuckDB script", values: values.slice(warmUps) });
    return [
      {
        name: "flights, bronze to gold, as a new process (`millrace run flights`)",
        unit: "ms",
        ours: cold,
        peer: peer(script.cold),
        target: { kind: "ratio", atMost: 1.3 },
      },
      {
        name: "the same inside a process, with modules loaded before",
        unit: "ms",
        ours: inProcess,
        peer: peer(script.inProcess),
        target: { kind: "ratio", atMost: 1.3 },
      },
      {
        name: "peak resident memory of the new process",
        unit: "MB",
        ours: memory.ours.slice(warmUps),
        peer: peer(memory.script),
        target: { kind: "value", atMost: 1_024 },
      },
    ];
  },
};

/** A copy of the example without results, that uses the built package. */
async function createFlightsProject(parent: string): Promise<string> {
  const path = join(parent, randomUUID());
  const source = join(repositoryRoot, "examples/flights");
  const results = new Set(["lake", "out", ".millrace"]);
  await cp(source, path, { recursive: true, filter: (file) => !results.has(relative(source, file)) });
  await makeProject(path);
  return path;
}

/** What the program measured itself, on the last line that it printed. */
function reportedMs({ stdout }: NodeProcessResult): number {
  const line = /^\{"wallMs":([\d.]+)\}$/m.exec(stdout);
  if (line === null) throw new Error(`expected a line with \`wallMs\`, got:\n${stdout}`);
  return Number(line[1]);
}

/** A script that does something else would be no peer. @throws Error when report or rows differ */
async function assertSameResults(project: string, script: string): Promise<void> {
  const [ours, theirs] = await Promise.all(
    [project, script].map((folder) => readFile(join(folder, "out/report.txt"), "utf8")),
  );
  if (ours !== theirs) throw new Error("the script's report is not that of the pipeline");
  using peer = await openDuckDbPeer();
  for (const file of ["delay_by_airport_day", "on_time_ranking"]) {
    const [left, right] = [project, script].map((folder) => `from '${join(folder, "out", file)}.parquet'`);
    const rows = await peer.run(`(${left} except all ${right}) union all (${right} except all ${left})`);
    if (rows.length > 0) throw new Error(`${file}: ${rows.length} rows of script and pipeline differ`);
  }
}
