// The job that keeps the rest going: retries that are due, health, maintenance. A job like any other, with no powers of its
// own: any process may run it, it shows in lists, it can be paused, and nothing is lost while it does not run.
import { classifyError } from "../../core/errors/classify-error.ts";
import type { Clock } from "../../core/clock.ts";
import type { Duration } from "../../core/duration.ts";
import { sleepJobName } from "../../core/job/built-in-job-names.ts";
import { defineJob, type Job } from "../../core/job/job.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import { done, type JobOutcome, partial } from "../../core/job/outcome.ts";
import type { Store } from "../../store/store.ts";
import { checkHealth, type HealthReport, type HealthServices } from "./check-health.ts";

/** What the composition root lends to the job. */
export interface SleepJobServices extends HealthServices {
  readonly store: Pick<
    Store,
    "readHealth" | "readClockMs" | "listBreakers" | "promote" | "takeCadence" | "removeHistory" | "trimTopics" | "tidy"
  >;
  readonly clock: Pick<Clock, "now">;
  /** Names this machine: what attempts leave in staging lies on its disk. */
  readonly host: string;
  /** Cleans up behind attempts that died. */
  readonly recoverLeftovers: () => Promise<void>;
  /** Removes large values that nothing refers to any more. Default: they stay. @returns how many */
  readonly collectPayloads?: ((signal: AbortSignal) => Promise<number>) | undefined;
  /** Age at which ended runs go with their history; `undefined`: never. */
  readonly retentionMs: number | undefined;
  /** Default `15m`. */
  readonly every?: Duration;
}

/** What a run of the job found and did; its result. */
export interface SleepReport extends HealthReport {
  /** Runs whose time had come and that went to the workers. */
  readonly promoted: number;
  readonly maintenance: {
    /** Root runs removed by the retention; `undefined` when it was not due. */
    readonly removedRuns: number | undefined;
    /** Records that were older than the retention of their topic; `undefined` when it was not due. */
    readonly trimmedRecords: number | undefined;
    /** Large values that nothing referred to any more. */
    readonly removedPayloads: number | undefined;
    readonly tidied: boolean;
    readonly recoveredLeftovers: boolean;
  };
}

const hourMs = 3_600_000;
const promoteBatch = 1_000;
const removeBatch = 500;
/** Partitions. */
const trimBatch = 100;
/** A run removes at most this many batches; the next one goes on. */
const maxRemoveBatches = 200;

/** Makes the job. */
export function createSleepJob(services: SleepJobServices): Job<"sleep_job"> {
  return defineJob({
    name: sleepJobName,
    description: "retries that are due, health checks, retention and cleanup",
    purpose: "utility",
    schedule: { every: services.every ?? "15m", missed: "latest", overlap: "skip" },
    // It comes again by its schedule anyway.
    retry: { maxRetries: 0 },
    timeout: "10m",
    concurrency: 1,
    priority: -100,
    execute: (ctx) => keepGoing(services, ctx),
  });
}

async function keepGoing(services: SleepJobServices, ctx: JobContext): Promise<JobOutcome> {
  const { store } = services;
  ctx.progress({ done: 0, total: 3, operation: "looking at the store, the workers and the disks" });
  const health = await checkHealth(services);
  ctx.progress({ done: 1, total: 3, operation: "handing over runs that are due" });
  const promoted = await promoteAll(store, ctx.signal);
  ctx.progress({ done: 2, total: 3, operation: "removing what is old" });
  const { maintenance, failures } = await maintain(services, ctx.signal);
  ctx.progress({ done: 3, total: 3, operation: "done" });
  const problems = [...health.problems, ...failures];
  for (const problem of problems) ctx.log.warn(problem);
  const report: SleepReport = { ...health, problems, promoted, maintenance };
  return problems.length === 0 ? done(report) : partial(report, problems);
}

// Retries wait in `scheduled` until any worker promotes them; this one does so, too, however idle or busy the others are.
async function promoteAll(store: SleepJobServices["store"], signal: AbortSignal): Promise<number> {
  for (let total = 0; ;) {
    signal.throwIfAborted();
    const promoted = await store.promote(promoteBatch);
    total += promoted;
    if (promoted < promoteBatch) return total;
  }
}

interface Maintained {
  readonly maintenance: SleepReport["maintenance"];
  readonly failures: readonly string[];
}

// A part that fails is a problem of the report and does not keep the others from being done.
async function maintain(services: SleepJobServices, signal: AbortSignal): Promise<Maintained> {
  const { store, host } = services;
  const failures: string[] = [];
  const part = async <T>(
    what: string,
    cadence: string,
    everyMs: number,
    work: () => Promise<T>,
  ): Promise<T | undefined> => {
    signal.throwIfAborted();
    try {
      return (await store.takeCadence(cadence, everyMs)) ? await work() : undefined;
    } catch (thrown) {
      signal.throwIfAborted();
      failures.push(`${what} failed: ${classifyError(thrown).message}`);
      return undefined;
    }
  };
  const removedRuns = await part("removing old runs", "sleep_job:history", hourMs, () => removeOld(services, signal));
  const trimmed = await part("trimming topics", "sleep_job:topics", hourMs / 4, () => trimTopics(services, signal));
  const { collectPayloads = async () => 0 } = services;
  const removedPayloads = await part("removing payloads", "sleep_job:payloads", hourMs, () => collectPayloads(signal));
  const tidied = await part("tidying the store", "sleep_job:tidy", hourMs, async () => {
    await store.tidy();
    return true;
  });
  const recovered = await part("cleaning staging", `sleep_job:leftovers:${host}`, hourMs / 4, async () => {
    await services.recoverLeftovers();
    return true;
  });
  return {
    maintenance: {
      removedRuns,
      trimmedRecords: trimmed,
      removedPayloads,
      tidied: tidied === true,
      recoveredLeftovers: recovered === true,
    },
    failures,
  };
}

// By the store's clock, which is the one that the ends of runs were written by.
async function removeOld({ store, retentionMs }: SleepJobServices, signal: AbortSignal): Promise<number> {
  if (retentionMs === undefined) return 0;
  const endedBeforeMs = (await store.readClockMs()) - retentionMs;
  let removed = 0;
  for (let batch = 0; batch < maxRemoveBatches; batch += 1) {
    signal.throwIfAborted();
    const roots = await store.removeHistory({ endedBeforeMs, limit: removeBatch });
    if (roots === 0) break;
    removed += roots;
  }
  return removed;
}

async function trimTopics({ store }: SleepJobServices, signal: AbortSignal): Promise<number> {
  let trimmed = 0;
  for (let batch = 0; batch < maxRemoveBatches; batch += 1) {
    signal.throwIfAborted();
    const records = await store.trimTopics({ force: false, limit: trimBatch });
    if (records === 0) break;
    trimmed += records;
  }
  return trimmed;
}
