// A run of a job or pipeline inside one process: `node bench/harness/job-process.ts <project folder> <job> [<params as JSON>]`, with modules and job files
// loaded before the clock starts, as those of the programs are that it is measured beside.
import "@duckdb/node-api";
import type * as appModule from "../../src/app/app.ts";
import type * as configModule from "../../src/config.ts";
import type * as projectModule from "../../src/project/project.ts";
import { importBuilt } from "./built-package.ts";

const [root = ".", job = "", params = "{}"] = process.argv.slice(2);
const { openApp } = await importBuilt<typeof appModule>("app/app.js");
const { loadProject } = await importBuilt<typeof projectModule>("project/project.js");
const { readEnvironment } = await importBuilt<typeof configModule>("config.js");
const environment = readEnvironment();
const project = await loadProject({ cwd: root, environment });

const startedAtMs = performance.now();
const state = await runJob();
const wallMs = performance.now() - startedAtMs;
if (state !== "FINISHED") throw new Error(`the run ended ${state}`);
console.log(JSON.stringify({ wallMs }));

async function runJob(): Promise<string> {
  await using app = await openApp({ project, environment });
  const { rootRunId } = await app.submit(job, { params: JSON.parse(params), createdBy: "bench", again: true });
  const worker = await app.startWorker();
  const end = await app.waitForRun(rootRunId);
  await worker.stop();
  return end.state;
}
