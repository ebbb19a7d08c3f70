// A worker as a process of its own, over the workload of the chaos runs. It is killed, stopped and cut off at any moment.
import { hostname } from "node:os";
import type { JobData } from "../../../src/core/job/job-context.ts";
import { toDatasetOutput } from "../../../src/data/publish/named-request.ts";
import type { RunDataInput } from "../../../src/orchestrator/attempt/job-context-input.ts";
import { createJobRegistry } from "../../../src/orchestrator/attempt/job-registry.ts";
import { Worker } from "../../../src/orchestrator/worker/worker.ts";
import { currentProcess, isProcessDead } from "../../../src/platforms/local/local-process.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { type LedgerWriter, openLedger } from "./ledger.ts";
import { endWithParent, openPatiently, readProgramOptions, reportTrouble } from "./program-options.ts";
import { createWorkload } from "./workload.ts";

const options = readProgramOptions();
endWithParent();
const ledger = openLedger(options.ledger);
const store = await openPatiently(options.store);
const self = currentProcess();
const worker = new Worker({
  store,
  clock: createSystemClock(),
  random: Math.random,
  registry: createJobRegistry(createWorkload(ledger, options).jobs),
  services: {
    serviceProvider: "LOCAL",
    hasSpark: false,
    createData: (input) => createShelf(ledger, input),
    resolvePath: (path) => path,
  },
  configOf: () => ({}),
  notify: async ({ run }) => ledger.write({ kind: "ended", run: run.runId, epoch: run.epoch }),
  process: options.isForeign ? { ...self, host: `not-${hostname()}` } : self,
  isProcessDead,
  slots: options.slots,
  onError: reportTrouble,
  leaseTtlMs: options.leaseTtlMs,
  pollMs: 150,
  windDownMs: 500,
});
process.once("SIGTERM", () => void leave());
await startPatiently();
process.stdout.write("ready\n");

async function startPatiently(): Promise<void> {
  for (;;) {
    try {
      await worker.start();
      return;
    } catch (error) {
      reportTrouble(error);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function leave(): Promise<void> {
  try {
    await worker.stop();
    await store[Symbol.asyncDispose]();
  } catch (error) {
    reportTrouble(error);
  }
  process.exit(0);
}

// Publishing is one fenced record in the registry; there are no rows.
function createShelf(ledger: LedgerWriter, { run, lease }: RunDataInput): JobData {
  const refuse = (): Promise<never> => Promise.reject(new Error("the chaos runs read no datasets"));
  return {
    dataset: refuse,
    query: refuse,
    credentials: refuse,
    topic: refuse,
    hasPublished: refuse,
    rekey: refuse,
    mapReduce: refuse,
    vacuum: refuse,
    optimize: refuse,
    quarantine: { release: refuse, remove: refuse },
    async publish({ output }) {
      const token = ledger.token();
      ledger.write({ kind: "tried", run: run.runId, effect: "dataset", token });
      const dataset = await lease.recordDataset({
        dataset: toDatasetOutput(output).dataset,
        runId: run.runId,
        job: run.job,
        locations: [],
        schema: [],
        rowCount: 0,
        fingerprint: token,
      });
      // A repetition gets the version that the run recorded first.
      ledger.write({ kind: "kept", run: run.runId, effect: "dataset", token: dataset.fingerprint });
      return { dataset, changed: true, rows: 0, quarantined: 0, warnings: [] };
    },
  };
}
