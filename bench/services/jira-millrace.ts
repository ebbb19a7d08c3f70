// The issues of a Jira into their dataset, in a process of its own: `node jira-millrace.ts <project folder> <job>…`. The jobs run one after
// the other; of the last the time of the processor is printed, which those before it have warmed up.
import type * as appModule from "../../src/app/app.ts";
import type * as configModule from "../../src/config.ts";
import type * as projectModule from "../../src/project/project.ts";
import { importBuilt } from "../harness/built-package.ts";

const [root = ".", ...jobs] = process.argv.slice(2);
const { openApp } = await importBuilt<typeof appModule>("app/app.js");
const { loadProject } = await importBuilt<typeof projectModule>("project/project.js");
const { readEnvironment } = await importBuilt<typeof configModule>("config.js");
const environment = readEnvironment();
const project = await loadProject({ cwd: root, environment });
await using app = await openApp({ project, environment });
const worker = await app.startWorker();
let used = process.cpuUsage();
for (const job of jobs) {
  used = process.cpuUsage();
  const { rootRunId } = await app.submit(job, { params: {}, createdBy: "bench", again: true });
  const { state } = await app.waitForRun(rootRunId);
  if (state !== "FINISHED") throw new Error(`the run of ${job} ended ${state}`);
}
const { user, system } = process.cpuUsage(used);
await worker.stop();
const dataset = await app.store.findDataset(jobs.at(-1) ?? "");
console.log(JSON.stringify({ rows: dataset?.rowCount, cpuSeconds: (user + system) / 1e6 }));
