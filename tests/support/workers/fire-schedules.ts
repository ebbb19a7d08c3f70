// A scheduler process for tests: fires what is due in the store of its first argument until it is told to stop, and prints
// how late each fire was. Its second argument is how many schedules `job_<n>` it defines, due at the third.
import { createSchedule } from "../../../src/core/schedule/schedule.ts";
import { Scheduler } from "../../../src/orchestrator/scheduling/scheduler.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { createPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";

const [place = "", count = "0", anchor = ""] = process.argv.slice(2);
const schedule = createSchedule("job_0", { every: "1d", anchor });
const lateMs: number[] = [];
await using store = place.startsWith("postgres")
  ? await createPostgresStore({ url: place, migrate: false })
  : await createSqliteStore({ path: place });
const scheduler = new Scheduler({
  store,
  clock: createSystemClock(),
  random: Math.random,
  schedules: new Map(Array.from({ length: Number(count) }, (_, index) => [`job_${index}`, schedule])),
  toSubmission: (job, { params, createdBy }) => ({
    runs: [{ job, kind: "job", params, tenant: "default", createdBy }],
    edges: [],
    runKey: job,
  }),
  onEvent: (event) => event.type === "fired" && lateMs.push(event.lateMs),
  onError: (error) => process.stderr.write(`${error.message}\n`),
});
scheduler.start();
process.stdout.write("started\n");
await new Promise((resolve) => process.stdin.once("data", resolve));
await scheduler.stop();
process.stdout.write(`${JSON.stringify(lateMs)}\n`);
process.stdin.destroy();
