// Executes one leased run: claim → run → classify → record.
import type { Clock } from "../core/clock.ts";
import { MillraceError, toErrorRecord } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import { retryDelayMs } from "../core/retry-policy.ts";
import { type AttemptEnd, runJob } from "../core/run-job.ts";
import type { RunReason } from "../core/run-state.ts";
import { classifyError } from "../core/classify-error.ts";
import type { ClaimedRun, Json, NewEvent, Settlement } from "../store/run-records.ts";
import type { Store } from "../store/store.ts";
import { closePipeline } from "./close-pipeline.ts";
import { createJobContext, type RunServices } from "./create-job-context.ts";
import type { RunControl } from "./dispatcher.ts";
import type { JobRegistry } from "./job-registry.ts";
import type { RunJournal } from "./run-journal.ts";
import { RunLease } from "./run-lease.ts";
import type { Settler } from "./settler.ts";
import { toJson } from "./to-json.ts";

/** What is told to `notify` when a run has ended for good. */
export interface RunEnd {
  readonly run: ClaimedRun;
  readonly end: "finished" | "failed";
  readonly reason: RunReason | undefined;
  readonly result: Json | undefined;
  readonly error: MillraceError | undefined;
}

export interface RunExecutorOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly registry: JobRegistry;
  readonly services: RunServices;
  readonly settler: Settler;
  readonly journal: RunJournal;
  /** Static settings of a job. */
  readonly configOf: (job: string) => unknown;
  /** Told about each run that ended; a failure is a warning in the log of the run. */
  readonly notify: (end: RunEnd) => Promise<void>;
  /** How long an aborted handler may wind down before it is left behind. */
  readonly windDownMs: number;
}

/** Runs what was claimed and records how it ended. */
export class RunExecutor {
  readonly #options: RunExecutorOptions;

  constructor(options: RunExecutorOptions) {
    this.#options = options;
  }

  /** Executes one attempt to its recorded end. Rejects only when the store does. */
  async execute(run: ClaimedRun, reach: RunControl): Promise<void> {
    const { settler, journal } = this.#options;
    const settlement = run.kind === "pipeline" ? await this.#closePipeline(run) : await this.#runAttempt(run, reach);
    await journal.end(run.runId);
    if (isLost(reach.control.signal)) return;
    const verdict = await settler.settle(settlement);
    if (verdict === "accepted") await this.#notify(run, settlement);
  }

  // While the store is away the run cannot be summed up: it goes back, and whoever claims it next does it.
  async #closePipeline(run: ClaimedRun): Promise<Settlement> {
    const { runId, epoch } = run;
    try {
      return await closePipeline(this.#options.store, run);
    } catch (thrown) {
      const error = classifyError(thrown);
      if (error.disposition === "retry") return { runId, epoch, end: "released" };
      return { runId, epoch, end: "failed", reason: "failed", error: toErrorRecord(error) };
    }
  }

  async #runAttempt(run: ClaimedRun, { control, pause }: RunControl): Promise<Settlement> {
    const events: NewEvent[] = [];
    const itemFailures: string[] = [];
    const attempt = new AbortController();
    const signal = AbortSignal.any([control.signal, attempt.signal]);
    try {
      const job = this.#options.registry.job(run.job);
      const end = await this.#withTimeout(job, attempt, () =>
        this.#runTemplate(run, job, { control, pause, signal, events, itemFailures }),
      );
      return this.#toSettlement(run, job, addItemFailures(end, itemFailures), events);
    } catch (thrown) {
      const error = classifyError(thrown);
      return {
        runId: run.runId,
        epoch: run.epoch,
        end: "failed",
        reason: "failed",
        error: toErrorRecord(error),
        events,
      };
    }
  }

  #runTemplate(run: ClaimedRun, job: Job, scope: AttemptScope): Promise<AttemptEnd> {
    const { store, clock, services, journal, windDownMs } = this.#options;
    const lease = new RunLease(store, run, scope.control);
    return runJob({
      job,
      config: this.#options.configOf(job.name),
      params: isRecord(run.params) ? run.params : {},
      createContext: ({ config, params }) =>
        createJobContext({
          run,
          lease,
          config,
          params,
          store,
          journal,
          services,
          registry: this.#options.registry,
          now: () => clock.now(),
          pause: scope.pause,
          signal: scope.signal,
          onItemFailure: (message) => scope.itemFailures.push(message),
        }),
      onDroppedParam: (name) => scope.events.push({ type: "param_dropped", data: { name } }),
      windDown: (ended) => clock.sleep(windDownMs, ended),
    });
  }

  async #withTimeout(job: Job, attempt: AbortController, run: () => Promise<AttemptEnd>): Promise<AttemptEnd> {
    if (job.timeoutMs === undefined) return run();
    const finished = new AbortController();
    const { timeoutMs } = job;
    void this.#options.clock.sleep(timeoutMs, finished.signal).then(() => {
      if (!finished.signal.aborted)
        attempt.abort(
          new MillraceError("JOB_TIMED_OUT", `job \`${job.name}\` ran longer than its timeout of ${timeoutMs} ms`),
        );
    });
    return run().finally(() => finished.abort());
  }

  #toSettlement(run: ClaimedRun, job: Job, end: AttemptEnd, collected: readonly NewEvent[]): Settlement {
    const fence = { runId: run.runId, epoch: run.epoch };
    const events = [...collected, ...end.warnings.map((message): NewEvent => ({ type: "warning", data: { message } }))];
    if (end.end === "finished") {
      const { outcome } = end;
      const failures =
        outcome.outcome === "partial" ? [{ type: "items_failed", data: outcome.failures.slice(0, 100) }] : [];
      const reason = outcome.outcome === "partial" ? { reason: "partial" as const } : {};
      return { ...fence, end: "finished", ...reason, result: toJson(outcome.result), events: [...events, ...failures] };
    }
    const now = this.#options.clock.now();
    if (end.end === "snoozed") return { ...fence, end: "snoozed", runAtMs: now + end.delayMs, events };
    if (end.error.code === "RUN_RELEASED") return { ...fence, end: "released", events };
    if (end.error.code === "RUN_PAUSED") return { ...fence, end: "paused", events };
    const delayMs = retryDelayMs(job.retry, run.attempt, end.error, this.#options.random);
    const error = toErrorRecord(end.error);
    if (delayMs !== undefined) return { ...fence, end: "retry", runAtMs: now + delayMs, error, events };
    return { ...fence, end: "failed", reason: toReason(end.error), error, events };
  }

  async #notify(run: ClaimedRun, settlement: Settlement): Promise<void> {
    if (settlement.end !== "finished" && settlement.end !== "failed") return;
    const failed = settlement.end === "failed";
    try {
      await this.#options.notify({
        run,
        end: settlement.end,
        reason: settlement.reason,
        result: failed ? undefined : settlement.result,
        error: failed ? new MillraceError(settlement.error.code, settlement.error.message) : undefined,
      });
    } catch (thrown) {
      this.#options.journal.log(run.runId, "warn", `notifying failed: ${classifyError(thrown).message}`);
    }
  }
}

interface AttemptScope extends RunControl {
  readonly signal: AbortSignal;
  readonly events: NewEvent[];
  readonly itemFailures: string[];
}

function addItemFailures(end: AttemptEnd, failures: readonly string[]): AttemptEnd {
  if (end.end !== "finished" || end.outcome.outcome === "partial" || failures.length === 0) return end;
  return { ...end, outcome: { outcome: "partial", result: end.outcome.result, failures } };
}

function toReason(error: MillraceError): RunReason {
  switch (error.code) {
    case "CHECKS_FAILED":
      return "checks_failed";
    case "JOB_TIMED_OUT":
      return "timed_out";
    case "JOB_CANCELLED":
      return "cancelled";
    case "RUN_STOPPED":
      return "stopped";
    default:
      return "failed";
  }
}

function isLost(signal: AbortSignal): boolean {
  return signal.reason instanceof MillraceError && signal.reason.code === "RUN_LOST";
}

function isRecord(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
