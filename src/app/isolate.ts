// The composition root of a thread or process that executes one attempt of a job: it loads the job's file and the project's
// configuration, has a compute engine of its own, and reaches the store through its worker alone.
import { createDuckDbEngine } from "../compute/duckdb/duckdb-engine.ts";
import { readEnvironment } from "../config.ts";
import { lendVariables } from "../connections/variables.ts";
import { MillraceError } from "../core/errors/errors.ts";
import type { JobLocation } from "../orchestrator/attempt/job-registry.ts";
import { type IsolateHome, serveAttempt } from "../orchestrator/isolation/serve-attempt.ts";
import { createAttemptMeter } from "../platforms/local/attempt-meter.ts";
import { openIsolateChannel } from "../platforms/local/isolate-channel.ts";
import { catchStrayErrors } from "../platforms/local/stray-errors.ts";
import { createSystemClock } from "../platforms/local/system-clock.ts";
import { Definitions } from "../project/definitions.ts";
import { loadFile } from "../project/load-definitions.ts";
import { loadProject } from "../project/project.ts";
import { createRunServices } from "./run-services.ts";
import { lendSecretServices } from "./connections/secret-sources.ts";

const clock = createSystemClock();
const channel = openIsolateChannel();
serveAttempt({
  channel,
  clock,
  meter: createAttemptMeter(channel.mode),
  open,
  onStray: (listener) => void catchStrayErrors(listener),
});

async function open(name: string, location: JobLocation): Promise<IsolateHome> {
  const { file, root, environment: chosen } = location;
  if (file === undefined || root === undefined)
    throw new MillraceError("INTERNAL", `expected to be told where job \`${name}\` is`);
  const environment = { ...readEnvironment(), name: chosen };
  lendVariables(environment.readVariable);
  const project = await loadProject({ cwd: root, environment, definitions: false });
  const definitions = new Definitions();
  await loadFile(definitions, file, root);
  const job = definitions.jobs.get(name);
  if (job === undefined) {
    const message = `expected ${file} to define job \`${name}\`, as it did when the worker started`;
    throw new MillraceError("JOB_UNKNOWN", message, { hint: "start the worker again" });
  }
  const engine = createDuckDbEngine(project.settings.compute);
  const services = createRunServices({ project, environment, engine, clock, locate: () => location });
  const secretServices = lendSecretServices(environment, clock);
  return {
    job,
    config: project.settings.config[name],
    services,
    [Symbol.asyncDispose]: async () => {
      await services[Symbol.asyncDispose]();
      await secretServices[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}
