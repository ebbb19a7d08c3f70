// A worker process over the jobs of `dangerous-jobs.ts`: `node stream-worker.ts <place as JSON> <lease in ms>`. Tests kill it.
import { flushCompileCache } from "node:module";
import { createJobRegistry } from "../../../src/orchestrator/attempt/job-registry.ts";
import { Worker } from "../../../src/orchestrator/worker/worker.ts";
import { currentProcess } from "../../../src/platforms/local/local-process.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { openLog } from "../kafka/open-log.ts";
import { jobsIn } from "./dangerous-jobs.ts";
import { type FixturePlace, openStore, streamServices } from "./stream-fixture.ts";

const [given = "{}", ttlMs = "1000"] = process.argv.slice(2);
const place = JSON.parse(given) as FixturePlace;
const clock = createSystemClock();
const log = place.kafka === undefined ? undefined : await openLog(place.kafka, 60_000);
const worker = new Worker({
  store: await openStore(place, clock),
  clock,
  slots: 1,
  random: Math.random,
  registry: createJobRegistry(jobsIn("inline")),
  services: streamServices(clock, place.folder, log),
  configOf: () => undefined,
  notify: () => Promise.resolve(),
  process: currentProcess(),
  isProcessDead: () => false,
  onError: (error) => console.error(error),
  pollMs: 20,
  leaseTtlMs: Number(ttlMs),
});
await worker.start();
flushCompileCache(); // whoever is killed keeps nothing of what it compiled
