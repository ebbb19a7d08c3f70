// Starts the threads and processes of jobs in tests of the orchestrator: they run jobs of a module, by name, without a
// project.
import { pathToFileURL } from "node:url";
import type { Job } from "../../../src/core/job/job.ts";
import type { JobData } from "../../../src/core/job/job-context.ts";
import { toDatasetName } from "../../../src/core/dataset/dataset-handle.ts";
import { toDatasetOutput } from "../../../src/data/publish/named-request.ts";
import type { RunDataInput } from "../../../src/orchestrator/attempt/job-context-input.ts";
import { serveAttempt } from "../../../src/orchestrator/isolation/serve-attempt.ts";
import { createAttemptMeter } from "../../../src/platforms/local/attempt-meter.ts";
import { openIsolateChannel } from "../../../src/platforms/local/isolate-channel.ts";
import { catchStrayErrors } from "../../../src/platforms/local/stray-errors.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";

const channel = openIsolateChannel();
serveAttempt({
  channel,
  clock: createSystemClock(),
  meter: createAttemptMeter(channel.mode),
  onStray: (listener) => void catchStrayErrors(listener),
  async open(name, { file = "" }) {
    const module = (await import(pathToFileURL(file).href)) as {
      jobsIn: (isolation: "thread" | "process") => readonly Job[];
    };
    const job = module.jobsIn(channel.mode).find((candidate) => candidate.name === name);
    if (job === undefined) throw new Error(`${file} has no job ${name}`);
    return {
      job,
      config: { from: "the isolate" },
      services: {
        serviceProvider: "LOCAL",
        hasSpark: false,
        resolvePath: (path) => `/project/${path}`,
        createData: createRegistryOnly,
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
});

// Records versions without rows, through the lease of the run.
function createRegistryOnly({ run, lease }: RunDataInput): JobData {
  return {
    async publish({ output }) {
      const version = {
        dataset: toDatasetOutput(output).dataset,
        runId: run.runId,
        job: run.job,
        locations: [],
        schema: [],
      };
      const dataset = await lease.recordDataset({ ...version, rowCount: 1, fingerprint: "f" });
      return { dataset, changed: true, rows: 1, quarantined: 0, warnings: [] };
    },
    async dataset(name) {
      const found = await lease.findDataset(toDatasetName(name));
      if (found === undefined) throw new Error(`no dataset ${toDatasetName(name)}`);
      return found;
    },
    query: () => Promise.reject(new Error("these tests have no rows")),
    credentials: () => Promise.reject(new Error("these tests have no rows")),
    topic: () => Promise.reject(new Error("these tests have no rows")),
    hasPublished: () => Promise.reject(new Error("these tests have no rows")),
    rekey: () => Promise.reject(new Error("these tests have no rows")),
    mapReduce: () => Promise.reject(new Error("these tests have no rows")),
    vacuum: () => Promise.reject(new Error("these tests have no rows")),
    optimize: () => Promise.reject(new Error("these tests have no rows")),
    quarantine: {
      release: () => Promise.reject(new Error("these tests have no rows")),
      remove: () => Promise.reject(new Error("these tests have no rows")),
    },
  };
}
