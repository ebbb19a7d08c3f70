// Executes one leased run: claim → run → classify → record.
import { classifyError } from "../../core/errors/classify-error.ts";
import type { Clock } from "../../core/clock.ts";
import { MillraceError, toErrorRecord } from "../../core/errors/errors.ts";
import type { Job } from "../../core/job/job.ts";
import { recoveryPlan } from "../../core/recovery/recovery-plan.ts";
import type { AttemptEnd } from "../../core/job/run-job.ts";
import type { RunReason } from "../../core/job/run-state.ts";
import type { AttemptMetrics, ClaimedRun, Json, NewEvent, Settlement } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";
import { type AttemptMeter, noMeter } from "../isolation/attempt-meter.ts";
import type { AttemptRecorder } from "../attempt/attempt-port.ts";
import type { NoticesOf } from "../notices/run-notices.ts";
import { closePipeline } from "./close-pipeline.ts";
import { CodeWatch } from "./code-watch.ts";
import type { RunServices } from "../attempt/job-context-input.ts";
import { isForeignTrouble, toTroubleEvent, TroubleCount } from "./foreign-trouble.ts";
import type { RunControl } from "./execution.ts";
import { namePublisher } from "./name-publisher.ts";
import type { Launcher } from "../isolation/launcher.ts";
import { runIsolated } from "../isolation/run-isolated.ts";
import type { JobRegistry } from "../attempt/job-registry.ts";
import { type AttemptReport, runAttempt } from "../attempt/run-attempt.ts";
import { assertNoOrphan } from "./orphans.ts";
import type { RunRecorder } from "./run-recorder.ts";
import { RunLease } from "./run-lease.ts";
import type { Settler } from "./settler.ts";
import type { StepWriter } from "./step-writer.ts";
import { noStrayErrors, type StrayErrors, StrayWatch } from "../attempt/stray-errors.ts";
import { isStanding } from "./standing-jobs.ts";
import { type Care, careFor, turnAgainMs, waitForTurn } from "./suspects.ts";
import { toJson } from "../attempt/to-json.ts";
import { WaitingLine } from "./waiting-line.ts";

/** What is told to `notify` when a run has ended for good. */
export interface RunEnd {
  readonly run: ClaimedRun;
  readonly end: "finished" | "failed";
  readonly reason: RunReason | undefined;
  readonly result: Json | undefined;
  readonly error: MillraceError | undefined;
}

/** Hears how attempts went for the connections of their jobs, and tells how those are now. */
export interface ConnectionReporter {
  /** Never rejects. @param error `undefined` for success */
  report(
    connections: readonly string[],
    error: MillraceError | undefined,
  ): Promise<{ readonly isBreakerOpen: boolean; readonly connectionFailures: number }>;
}

export interface RunExecutorOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly registry: JobRegistry;
  readonly services: RunServices;
  readonly settler: Settler;
  readonly steps: StepWriter;
  readonly recorder: RunRecorder;
  /** Static settings of a job. */
  readonly configOf: (job: string) => unknown;
  /** What people are told of the end of a run, written together with it. Default: nothing. */
  readonly noticesOf?: NoticesOf;
  /** Told about each run that ended; a failure is a warning in the log of the run. */
  readonly notify: (end: RunEnd) => Promise<void>;
  /** How long an aborted handler may wind down before it is left behind or killed. */
  readonly windDownMs: number;
  /** For jobs with a thread or process of their own. Default: those fail. */
  readonly launcher?: Launcher;
  /** Default: nothing is measured but the use of the store. */
  readonly meter?: AttemptMeter;
  /** Default: connections are always fine. */
  readonly breakers?: ConnectionReporter;
  /** Default: an error that nobody waits for ends the process, as it does in Node. */
  readonly strays?: StrayErrors;
}

/** Runs that get a process of their own only because a worker died with them. A crash of many slots must not start as many. */
const maxApart = 4;

interface Attempt {
  readonly run: ClaimedRun;
  readonly job: Job;
  readonly reach: RunControl;
  readonly lease: RunLease;
}

interface MeasuredReport extends AttemptReport {
  readonly metrics: AttemptMetrics;
}

/** Runs what was claimed and records how it ended. */
export class RunExecutor {
  readonly #options: RunExecutorOptions;
  readonly #codeWatch: CodeWatch;
  readonly #troubles = new TroubleCount();
  readonly #apart = new WaitingLine(maxApart);
  #inline = 0;
  #inlineStarted = 0;

  constructor(options: RunExecutorOptions) {
    this.#options = options;
    this.#codeWatch = new CodeWatch(options.store);
  }

  /** Executes one attempt to its recorded end. Rejects only when the store does. */
  async execute(run: ClaimedRun, reach: RunControl): Promise<void> {
    const { settler, recorder, noticesOf = () => [] } = this.#options;
    const settlement = run.kind === "pipeline" ? await this.#closePipeline(run) : await this.#runAttempt(run, reach);
    await recorder.end(run.runId);
    if (isAbortedWith(reach, "RUN_LOST")) return;
    const verdict = await settler.settle({ ...settlement, notices: noticesOf(run, settlement) });
    if (verdict === "accepted") await this.#notify(run, settlement);
  }

  /** What the run is owed here. */
  careFor(run: ClaimedRun): Care {
    return careFor(run, this.#canBeApart(run), isStanding(run.job, this.#options.registry));
  }

  /** Gives a run back that has not begun. Rejects only when the store does. */
  async release({ runId, epoch }: ClaimedRun): Promise<void> {
    await this.#options.settler.settle({ runId, epoch, end: "released" });
  }

  #canBeApart({ job }: ClaimedRun): boolean {
    const { launcher, registry } = this.#options;
    return launcher !== undefined && registry.locate(job) !== undefined;
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

  async #runAttempt(run: ClaimedRun, reach: RunControl): Promise<Settlement> {
    const { store, registry, clock, steps } = this.#options;
    const { runId, epoch } = run;
    try {
      assertNoOrphan(run);
      const job = registry.job(run.job);
      const lease = new RunLease({ store, run, registry, steps, control: reach.control, now: () => clock.now() });
      const changes = run.attempt > 1 ? await this.#noteCodeChange(run) : [];
      const report = await this.#runWhereItBelongs(run, job, lease, reach);
      const events = [...changes, ...report.events, ...lease.takeNotices()];
      const metrics = { ...report.metrics, ...(lease.usage.storeCalls === 0 ? {} : lease.usage) };
      const settlement = await this.#toSettlement({ run, job, reach, lease }, report.end, events);
      return { ...settlement, metrics, code: registry.fingerprint(run.job) };
    } catch (thrown) {
      const error = classifyError(thrown);
      // The failure is outside of the handler. While the store is away nothing is known about the run, so it is given back.
      if (error.code === "STORE_UNAVAILABLE" || error.code === "DISK_FULL") return { runId, epoch, end: "released" };
      return { runId, epoch, end: "failed", reason: "failed", error: toErrorRecord(error) };
    }
  }

  async #runWhereItBelongs(run: ClaimedRun, job: Job, lease: RunLease, reach: RunControl): Promise<MeasuredReport> {
    if (!(await this.#waitForTurn(run, reach))) return reportOf({ end: "snoozed", delayMs: turnAgainMs, warnings: [] });
    const isSuspect = run.losses > 0 && this.#canBeApart(run);
    if (!isSuspect)
      return await this.#withTimeout(job, reach, () => this.#runIn(job.isolation, run, job, lease, reach));
    const { recorder } = this.#options;
    recorder.log(
      run.runId,
      "info",
      `executes in a process of its own, because ${run.losses === 1 ? "a worker" : `${run.losses} workers`} died while it was aboard`,
    );
    // What has no end would keep its place from all others.
    using _place = job.stream?.replicas === undefined ? await this.#apart.enter(reach.control.signal) : undefined;
    return await this.#withTimeout(job, reach, () => this.#runIn("process", run, job, lease, reach));
  }

  async #waitForTurn(run: ClaimedRun, reach: RunControl): Promise<boolean> {
    if (reach.turn === undefined) return true;
    const { recorder, clock } = this.#options;
    recorder.log(run.runId, "info", "waits until nothing executes beside it, because it may be what ended a worker");
    const hasCome = await waitForTurn(reach.turn, clock, reach.control.signal);
    if (!hasCome) recorder.log(run.runId, "info", "goes back for a minute, because what executes beside it takes long");
    return hasCome;
  }

  async #runIn(
    isolation: Job["isolation"],
    run: ClaimedRun,
    job: Job,
    lease: RunLease,
    reach: RunControl,
  ): Promise<MeasuredReport> {
    // It may have been stopped while it waited for its place.
    const stopped = abortReason(reach);
    if (stopped !== undefined) return reportOf({ end: "failed", error: stopped, warnings: [] });
    if (isolation !== "inline") return await this.#runIsolated(run, isolation, lease, reach);
    const watch = new StrayWatch({
      control: reach.control,
      warn: (message) => this.#options.recorder.log(run.runId, "warn", message),
    });
    const { strays = noStrayErrors } = this.#options;
    const report = await strays.watch(watch.onStray, () => this.#runInline(run, job, lease, reach));
    watch.end();
    return report;
  }

  async #runInline(run: ClaimedRun, job: Job, lease: RunLease, reach: RunControl): Promise<MeasuredReport> {
    const { clock, services, meter = noMeter, windDownMs } = this.#options;
    const isBusy = this.#inline > 0;
    const started = (this.#inlineStarted += 1);
    this.#inline += 1;
    const measured = meter.measure(() =>
      runAttempt({
        run,
        job,
        lease,
        services,
        config: this.#options.configOf(job.name),
        recorder: this.#recorderOf(run),
        signal: reach.control.signal,
        yieldPoint: reach.yieldPoint,
        now: () => clock.now(),
        windDown: (ended) => clock.sleep(windDownMs, ended),
      }),
    );
    const report = await measured.done;
    this.#inline -= 1;
    const figures = measured.read();
    const isShared = isBusy || started !== this.#inlineStarted;
    return { ...report, metrics: isShared ? { ...figures, shared: true } : figures };
  }

  async #runIsolated(
    run: ClaimedRun,
    mode: "thread" | "process",
    lease: RunLease,
    { control, yieldPoint }: RunControl,
  ): Promise<MeasuredReport> {
    const { launcher, registry, clock, windDownMs } = this.#options;
    const location = registry.locate(run.job);
    if (launcher === undefined || location === undefined)
      throw new MillraceError("JOB_INVALID", `this worker starts no ${mode} for a job, got: \`${run.job}\``);
    const recorder = this.#recorderOf(run);
    return await runIsolated({
      launcher,
      mode,
      run,
      location,
      lease,
      recorder,
      yieldPoint,
      clock,
      windDownMs,
      signal: control.signal,
    });
  }

  #recorderOf({ runId, attempt }: ClaimedRun): AttemptRecorder {
    const { recorder } = this.#options;
    return {
      log: (level, message, fields) => recorder.log(runId, level, message, fields),
      progress: (update) => recorder.progress(runId, update),
      exchange: (exchange) => recorder.exchange(runId, attempt, exchange),
    };
  }

  async #noteCodeChange(run: ClaimedRun): Promise<readonly NewEvent[]> {
    const { registry, recorder } = this.#options;
    const to = registry.fingerprint(run.job);
    const from = await this.#codeWatch.findChange(run, to);
    if (from === undefined) return [];
    recorder.log(run.runId, "warn", `the code of job \`${run.job}\` changed since the last attempt`, { from, to });
    return [{ type: "code_changed", data: { from, to } }];
  }

  async #withTimeout<T>(job: Job, { control }: RunControl, run: () => Promise<T>): Promise<T> {
    const { timeoutMs } = job;
    if (timeoutMs === undefined) return await run();
    const finished = new AbortController();
    void this.#options.clock.sleep(timeoutMs, finished.signal).then(() => {
      if (finished.signal.aborted) return;
      const message = `job \`${job.name}\` ran longer than its timeout of ${timeoutMs} ms`;
      control.abort(new MillraceError("JOB_TIMED_OUT", message));
    });
    return await run().finally(() => finished.abort());
  }

  async #toSettlement(
    { run, job, reach, lease }: Attempt,
    end: AttemptEnd,
    collected: readonly NewEvent[],
  ): Promise<Settlement> {
    const fence = { runId: run.runId, epoch: run.epoch };
    const events = [...collected, ...end.warnings.map((message): NewEvent => ({ type: "warning", data: { message } }))];
    if (end.end !== "failed") this.#troubles.clear(run.runId);
    switch (end.end) {
      case "finished":
        if (job.connections.length > 0) await this.#options.breakers?.report(job.connections, undefined);
        return { ...fence, ...toFinish(end, events) };
      case "snoozed":
        return { ...fence, ...toSnooze(end), events };
      case "paused":
        return { ...fence, end: "paused", events };
      case "failed":
        if (isAbortedWith(reach, "RUN_RELEASED")) return { ...fence, end: "released", events };
        if (isForeignTrouble(end.error, lease.storeError) && (await this.#mayGoBack(run, reach)))
          return { ...fence, end: "released", events: [...events, toTroubleEvent(end.error)] };
        return { ...fence, ...(await this.#toFailure(run, job, end.error)), events };
    }
  }

  // The pause keeps a run from going round and round while the trouble lasts.
  async #mayGoBack({ runId }: ClaimedRun, { control }: RunControl): Promise<boolean> {
    const pauseMs = this.#troubles.add(runId);
    if (pauseMs === undefined) return false;
    await this.#options.clock.sleep(pauseMs, control.signal);
    return true;
  }

  async #toFailure(run: ClaimedRun, job: Job, error: MillraceError): Promise<FailureEnd> {
    const { breakers, random, registry } = this.#options;
    const weather = job.connections.length > 0 ? await breakers?.report(job.connections, error) : undefined;
    const plan = recoveryPlan(job.retry, { attempt: run.attempt, error, ...weather }, random);
    const record = toErrorRecord(namePublisher(error, registry));
    if (plan.action === "manual") return { end: "failed", reason: toReason(error), error: record };
    const { tier, retries, delayMs } = plan;
    return { end: "retry", delayMs, error: record, recovery: { tier, retries } };
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
      this.#options.recorder.log(run.runId, "warn", `notifying failed: ${classifyError(thrown).message}`);
    }
  }
}

function toSnooze({
  delayMs,
  wait,
}: Extract<AttemptEnd, { end: "snoozed" }>): Unfenced<Extract<Settlement, { end: "snoozed" }>> {
  return { end: "snoozed", delayMs, ...(wait === undefined ? {} : { wait }) };
}

type Unfenced<End> = End extends Settlement ? Omit<End, "runId" | "epoch" | "events" | "metrics" | "code"> : never;
type FailureEnd = Unfenced<Extract<Settlement, { end: "failed" | "retry" }>>;

function toFinish(
  { outcome }: Extract<AttemptEnd, { end: "finished" }>,
  events: readonly NewEvent[],
): Pick<Extract<Settlement, { end: "finished" }>, "end" | "reason" | "result" | "events"> {
  const result = toJson(outcome.result);
  if (outcome.outcome === "done") return { end: "finished", result, events };
  const failures: NewEvent = { type: "items_failed", data: outcome.failures.slice(0, 101) };
  return { end: "finished", reason: "partial", result, events: [...events, failures] };
}

function toReason(error: MillraceError): RunReason {
  switch (error.code) {
    case "CHECKS_FAILED":
    case "METRIC_BREACHED":
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

function isAbortedWith(reach: RunControl, code: MillraceError["code"]): boolean {
  return abortReason(reach)?.code === code;
}

function abortReason({ control }: RunControl): MillraceError | undefined {
  return control.signal.aborted ? classifyError(control.signal.reason) : undefined;
}

/** The report of an attempt that has not begun. */
function reportOf(end: AttemptEnd): MeasuredReport {
  return { end, events: [], metrics: {} };
}
