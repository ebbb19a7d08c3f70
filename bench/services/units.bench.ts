// A service that is asked once for each of 1,000 units, as `millrace run` does it, beside a loop that asks for the same pages and reads
// their JSON. What a unit costs is the difference to a run of one unit, so that the start of the process does not count.
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { buildPackage, cliEntry, makeProject } from "../harness/built-package.ts";
import { runNode } from "../harness/node-process.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";
import { startPageService } from "./page-workload.ts";

const unitCount = 1_000;
/** As many requests at once as a job without `unitConcurrency` has. */
const concurrency = 4;

export const bench: Bench = {
  name: "units",
  description: `${unitCount.toLocaleString("en-US")} units of a service in one run, beside a loop of as many requests`,
  hasServer: true,
  async run() {
    await buildPackage();
    await using folder = await createBenchFolder();
    for (let key = 0; key < unitCount; key += 1) {
      await writeFile(
        join(folder.path, `page-${key}.json`),
        JSON.stringify({ data: [{ id: key, name: `name ${key}` }] }),
      );
    }
    const { service, url } = await startPageService(folder.path, unitCount);
    try {
      const runOf = async (count: number): Promise<number> => {
        const project = join(folder.path, randomUUID());
        await makeProject(project, { "jobs/answers.job.json": JSON.stringify(jobOf(url, count)) });
        return runNode([cliEntry, "run", "answers"], { cwd: project }).wallMs;
      };
      const { ours, requests } = await takeTurns(
        {
          ours: async () => ((await runOf(unitCount)) - (await runOf(1))) / (unitCount - 1),
          requests: async () => (await timeMs(() => readAll(url))) / unitCount,
        },
        { warmUps: 1, repetitions: 5 },
      );
      return [
        {
          name: "one of 1,000 units: request, rows, state",
          unit: "ms",
          ours,
          peer: { name: "its request and its JSON alone", values: requests },
          target: { kind: "value", atMost: 2 },
        },
      ];
    } finally {
      service.kill();
      await once(service, "exit");
    }
  },
};

function jobOf(url: string, count: number): object {
  const values = Array.from({ length: count }, (_, key) => String(key));
  return {
    name: "answers",
    inputs: { key: { role: "activation", values } },
    source: { http: { url, query: { cursor: "{{key.value}}" }, read: { rows: "data" } } },
    output: { dataset: "answers", parquet: { path: "answers.parquet" } },
  };
}

async function readAll(url: string): Promise<void> {
  let next = 0;
  const readOn = async (): Promise<void> => {
    for (let key = next; key < unitCount; key = next) {
      next += 1;
      await (await fetch(`${url}?cursor=${key}`)).json();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, readOn));
}
