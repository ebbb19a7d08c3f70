// Starts the threads and processes of stream jobs in tests: a module gives its jobs by `jobsIn(mode)`, as those of a project do.
import { pathToFileURL } from "node:url";
import type { Job } from "../../../src/core/job/job.ts";
import { serveAttempt } from "../../../src/orchestrator/isolation/serve-attempt.ts";
import { createAttemptMeter } from "../../../src/platforms/local/attempt-meter.ts";
import { openIsolateChannel } from "../../../src/platforms/local/isolate-channel.ts";
import { catchStrayErrors } from "../../../src/platforms/local/stray-errors.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { streamServices } from "./stream-fixture.ts";

const channel = openIsolateChannel();
const clock = createSystemClock();
serveAttempt({
  channel,
  clock,
  meter: createAttemptMeter(channel.mode),
  onStray: (listener) => void catchStrayErrors(listener),
  async open(name, { file = "", folder = "" }) {
    const module = (await import(pathToFileURL(file).href)) as { jobsIn: (mode: string) => readonly Job[] };
    const job = module.jobsIn(channel.mode).find((candidate) => candidate.name === name);
    if (job === undefined) throw new Error(`${file} has no job ${name}`);
    return {
      job,
      config: undefined,
      services: streamServices(clock, folder),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
});
