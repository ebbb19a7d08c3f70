// All figures of delivery and sprints over a large organisation: from nothing, and after a hundredth of what they are made of has
// changed, beside one scan of the same rows by DuckDB.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { openDuckDbPeer } from "../data/duckdb-peer.ts";
import type { Bench, Measure } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { buildPackage, jobProcess, makeProject } from "../harness/built-package.ts";
import { runNodeWithPeakMemory } from "../harness/node-process.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";
import { changeOrganisation, type ChangedPart, scanOrganisation, writeOrganisation } from "./pulse-organisation.ts";

/** `BENCH_PULSE_PART=0.1` for a quick look. */
const part = Number(process.env["BENCH_PULSE_PART"] ?? 1);

export const bench: Bench = {
  name: "pulse-metrics",
  description: `${(100_000 * part).toLocaleString("en-US")} pull requests, ${(20_000 * part).toLocaleString("en-US")} deployments and ${(500_000 * part).toLocaleString("en-US")} changes of issues as figures of delivery and sprints, beside one scan of them`,
  async run() {
    await buildPackage();
    await using folder = await createBenchFolder();
    using db = await openDuckDbPeer();
    const root = join(folder.path, randomUUID());
    const { rows, services } = await writeOrganisation(db, root, part);
    await makeProject(root, projectOf(Object.keys(rows), services));
    const memory: number[] = [];
    const run = (pipeline: string, params = {}): number => {
      const { stdout, peakMb } = runNodeWithPeakMemory([jobProcess, root, pipeline, JSON.stringify(params)]);
      if (pipeline === "figures") memory.push(peakMb);
      return (JSON.parse(stdout.split("\n")[0] ?? "{}") as { readonly wallMs: number }).wallMs;
    };
    run("collect");
    let turn = 0;
    const change = async (changed: ChangedPart): Promise<number> => {
      turn += 1;
      await changeOrganisation(db, root, { turn, changed });
      run("collect");
      return run("figures");
    };
    const [warmUps, repetitions] = [1, 3];
    const { whole, newest, anywhere, scan } = await takeTurns(
      {
        whole: async () => run("figures", { $full_refresh: true }),
        newest: () => change("newest"),
        anywhere: () => change("anywhere"),
        scan: () => timeMs(() => scanOrganisation(db, root)),
      },
      { warmUps, repetitions },
    );
    const peer = { name: "one scan of the inputs in DuckDB", values: scan };
    const peaks = memory.slice(-3 * repetitions);
    return [
      { name: "all figures", unit: "ms", ours: whole, peer, target: { kind: "value", atMost: 10_000 } },
      {
        name: "after the newest hundredth changed",
        unit: "ms",
        ours: newest,
        peer,
        target: { kind: "value", atMost: 1_000 },
      },
      { name: "after one of a hundred rows changed, anywhere", unit: "ms", ours: anywhere, peer },
      peakOf(peaks),
    ];
  },
};

function peakOf(peaks: readonly number[]): Measure {
  const limit = { name: "the limit of the engine in it", values: peaks.map(() => engineMb) };
  const name = "peak resident memory of the process";
  return { name, unit: "MB", ours: peaks, peer: limit, target: { kind: "value", atMost: 500 } };
}

const engineMb = 300;

/** Pipelines: `collect` publishes what is given, `figures` makes all figures of it. */
function projectOf(datasets: readonly string[], services: readonly object[]): Record<string, string> {
  return {
    "millrace.config.ts": `import { defineProject } from "millrace";
export default defineProject({ name: "bench", compute: { memoryLimit: "${engineMb}MB" } });`,
    "pipelines/collect.ts": `import { integrationJob, JobPipeline } from "millrace";
const collect = new JobPipeline("collect");
for (const name of ${JSON.stringify(datasets)}) {
  collect.addJob(integrationJob({ name: \`collect_\${name}\`, source: { file: { path: \`given/\${name}.parquet\` } }, output: { dataset: name } }));
}
export default collect;`,
    "pipelines/figures.ts": `import { doraJob, JobPipeline, sprintJob } from "millrace";
export default new JobPipeline("figures")
  .addJob(doraJob({ name: "dora", services: ${JSON.stringify(services)} }))
  .addJob(sprintJob({ name: "sprints" }));`,
  };
}
