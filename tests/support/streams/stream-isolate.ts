// Starts the threads and processes of stream jobs in tests: a module gives its jobs by `jobsIn(mode)`, as those of a project do.
// In the place of a folder it is given where topics and groups are, as JSON.
import { pathToFileURL } from "node:url";
import type { Job } from "../../../src/core/job/job.ts";
import { serveAttempt } from "../../../src/orchestrator/isolation/serve-attempt.ts";
import { createAttemptMeter } from "../../../src/platforms/local/attempt-meter.ts";
import { openIsolateChannel } from "../../../src/platforms/local/isolate-channel.ts";
import { catchStrayErrors } from "../../../src/platforms/local/stray-errors.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { openLog } from "../kafka/open-log.ts";
import { type FixturePlace, streamServices } from "./stream-fixture.ts";

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
    const place = JSON.parse(folder) as FixturePlace;
    const log = place.kafka === undefined ? undefined : await openLog(place.kafka, 60_000);
    return {
      job,
      config: undefined,
      services: streamServices(clock, place.folder, log),
      [Symbol.asyncDispose]: async () => await log?.[Symbol.asyncDispose](),
    };
  },
});
