// Starts a worker of a project in this process, with all that its runs need.
import { type AppParts, stagingOf, warn } from "./app-parts.ts";
import { inspect } from "node:util";
import { formatRunId } from "../core/run-id.ts";
import { threadEntry } from "../core/thread-entry.ts";
import { recoverStaging } from "../data/publish/recover-staging.ts";
import { BreakerBoard } from "../orchestrator/upkeep/breaker-board.ts";
import type { JobLocation } from "../orchestrator/attempt/job-registry.ts";
import { toStrayError } from "../orchestrator/attempt/stray-errors.ts";
import type { RunEnd } from "../orchestrator/worker/run-executor.ts";
import { Worker } from "../orchestrator/worker/worker.ts";
import { createAttemptMeter } from "../platforms/local/attempt-meter.ts";
import { createLocalLauncher } from "../platforms/local/local-launcher.ts";
import { currentProcess, isProcessDead } from "../platforms/local/local-process.ts";
import { catchStrayErrors } from "../platforms/local/stray-errors.ts";
import { toLimits } from "../project/to-limits.ts";
import type { RunNotice } from "../project/project-options.ts";
import { createRunServices } from "./run-services.ts";
import type { WorkerId } from "../store/rows/run-records.ts";

export interface RunningWorker {
  readonly id: WorkerId;
  /** Names of the jobs it takes runs of. */
  readonly jobs: ReadonlySet<string>;
  /** Gives unfinished runs back, so that another process continues them, and resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** Takes over what dead processes of this host left, then claims and executes runs. Leaves nothing behind when it fails. */
export async function startWorker(parts: AppParts, slots: number): Promise<RunningWorker> {
  const { project, environment, clock, store, engine, registry, workers, notifying, tape } = parts;
  await store.setLimits(toLimits(project.settings, parts.definitions.jobs.values()));
  const strays = catchStrayErrors((thrown) => void endBecauseOf(thrown, worker));
  const locate = (job: string): JobLocation | undefined => registry.locate(job);
  const services = createRunServices({ project, environment, engine, clock, store, tape, locate });
  const worker = new Worker({
    store,
    clock,
    slots,
    places: project.settings.streams.places,
    onlyBound: tape !== undefined,
    isProcessDead,
    random: Math.random,
    services,
    registry,
    configOf: (job) => project.settings.config[job],
    // what is played, or recorded, is told to nobody
    ...(tape === undefined ? { router: () => notifying.router() } : {}),
    notify: async (end) => project.settings.notify?.(toNotice(end)),
    process: currentProcess(),
    launcher: createLocalLauncher({ entry: threadEntry("app/isolate") }),
    meter: createAttemptMeter("shared"),
    breakers: new BreakerBoard({ store, clock, onError: warn }),
    onError: warn,
    strays,
  });
  const sending = tape === undefined ? notifying.join() : undefined;
  workers.add(worker);
  const leave = async (): Promise<void> => {
    workers.delete(worker);
    await worker.stop();
    await sending?.[Symbol.asyncDispose]();
    await services[Symbol.asyncDispose]();
    strays[Symbol.dispose]();
  };
  try {
    await worker.start();
    await recoverStaging(stagingOf(project, store));
  } catch (error) {
    // what the store could not be told it finds out by itself
    await leave().catch(() => undefined);
    throw error;
  }
  return {
    id: worker.id,
    jobs: new Set(registry.names),
    async stop() {
      await leave();
      // What died while this worker was at work is cleaned up with it.
      await recoverStaging(stagingOf(project, store));
    },
  };
}

// Nobody can tell which run it comes from, so the process is not trusted any more; the runs aboard go on elsewhere.
async function endBecauseOf(thrown: unknown, worker: Worker): Promise<void> {
  try {
    const aboard = await worker.abandon(toStrayError(thrown));
    const names = aboard.map(formatRunId).join(", ");
    const company = names === "" ? "no run" : names;
    process.stderr.write(
      `${inspect(thrown)}\nmillrace ends because of this error; executed at that time: ${company}\n`,
    );
  } finally {
    process.exit(1);
  }
}

function toNotice({ run, end, reason, error }: RunEnd): RunNotice {
  const state = end === "finished" ? "FINISHED" : "ERROR";
  return { job: run.job, runId: formatRunId(run.runId), state, reason, message: error?.message };
}
