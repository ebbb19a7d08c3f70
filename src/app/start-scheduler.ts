// Starts what the schedules of a project say, and looks whether everything came in time.
import { type AppParts, warn } from "./app-parts.ts";
import type { StreamLog } from "../core/stream/stream-log.ts";
import type { Schedule } from "../core/schedule/schedule.ts";
import { noticesOfVerdict } from "../orchestrator/expectations/expectation-notices.ts";
import { ExpectationWatch } from "../orchestrator/expectations/expectation-watch.ts";
import { Scheduler } from "../orchestrator/scheduling/scheduler.ts";
import { toSubmission } from "../orchestrator/submission/to-submission.ts";
import type { Definitions } from "../project/definitions.ts";
import { toLimits } from "../project/to-limits.ts";
import { createBatchWatch } from "./streams/create-batch-watch.ts";
import { producersOf, toExpectationRules } from "./expectation-rules.ts";

export interface RunningScheduler {
  /** How many schedules this process keeps. */
  readonly schedules: number;
  /** Looks in a row that found all that is due done, and made no batch of a stream. */
  quietLooks(): number;
  stop(): Promise<void>;
}

/** Beside the schedulers of other processes. @param log of the project */
export async function startScheduler(
  { project, clock, store, definitions, tenant, notifying }: AppParts,
  log: () => Promise<StreamLog>,
): Promise<RunningScheduler> {
  await store.setLimits(toLimits(project.settings, definitions.jobs.values()));
  const schedules = schedulesOf(definitions);
  const audience = { router: () => notifying.router(), producers: producersOf(definitions) };
  const watch = new ExpectationWatch(store, toExpectationRules(project.settings, definitions), (verdict) =>
    noticesOfVerdict(audience, verdict),
  );
  const batches = createBatchWatch({ store, clock, log, definitions, tenant });
  let quiet = 0;
  const scheduler = new Scheduler({
    store,
    clock,
    schedules,
    random: Math.random,
    findFiles: async (path) => await (await import("./find-files.ts")).findFiles(project.root, path),
    toSubmission: (name, options) => toSubmission(definitions.find(name), { ...options, tenant }),
    afterLook: async () => {
      await watch.look();
      quiet = (await batches.look()) ? 0 : quiet + 1;
    },
    onError: warn,
  });
  scheduler.start();
  const sending = notifying.join();
  return {
    schedules: schedules.size,
    quietLooks: () => quiet,
    stop: async () => {
      await scheduler.stop();
      await sending[Symbol.asyncDispose]();
    },
  };
}

function schedulesOf({ jobs, pipelines }: Definitions): ReadonlyMap<string, Schedule> {
  const scheduled = [...pipelines.values(), ...jobs.values()];
  return new Map(scheduled.flatMap(({ name, schedule }) => (schedule === undefined ? [] : [[name, schedule]])));
}
