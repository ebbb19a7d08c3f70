// A scheduler as a process of its own. Each of its schedules is due every second, and makes up every second it missed.
import { createSchedule } from "../../../src/core/schedule/schedule.ts";
import { Scheduler } from "../../../src/orchestrator/scheduling/scheduler.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { endWithParent, openPatiently, readProgramOptions, reportTrouble } from "./program-options.ts";
import { scheduleNames } from "./workload.ts";

const options = readProgramOptions();
endWithParent();
const store = await openPatiently(options.store);
const everySecond = { every: "1s", missed: "all", overlap: "allow" } as const;
const scheduler = new Scheduler({
  store,
  clock: createSystemClock(),
  random: Math.random,
  schedules: new Map(scheduleNames.map((name) => [name, createSchedule(name, everySecond)])),
  toSubmission: (job, { createdBy }) => ({
    runs: [{ job, kind: "job", params: {}, tenant: "schedules", createdBy }],
    edges: [],
  }),
  pollMs: 500,
  onError: reportTrouble,
});
process.once("SIGTERM", () => void leave());
scheduler.start();
process.stdout.write("ready\n");

async function leave(): Promise<void> {
  try {
    await scheduler.stop();
    await store[Symbol.asyncDispose]();
  } catch (error) {
    reportTrouble(error);
  }
  process.exit(0);
}
