// Lets the jobs of a test work until nothing is left to do: runs that never end work beside the test, batches are made and worked through.
import { batchLogOf } from "../../app/streams/create-batch-watch.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Job } from "../../core/job/job.ts";
import type { RunId } from "../../core/run-id.ts";
import { YieldPoint } from "../../orchestrator/attempt/yield-point.ts";
import { BatchWatch } from "../../orchestrator/streams/batch-watch.ts";
import { toSubmission } from "../../orchestrator/submission/to-submission.ts";
import type { ClaimedRun } from "../../store/rows/run-records.ts";
import { observed } from "../stand-ins.ts";
import { type EngagedJobs, testTenant, type TestWorker } from "../test-worker.ts";
import { lookAtStreams, type StreamLook } from "./stream-look.ts";

export interface StreamWorkParts {
  readonly worker: TestWorker;
  readonly jobs: readonly Job[];
  readonly config: Readonly<Record<string, unknown>>;
}

const lookMs = 3;
/** Without anything that moves. */
const patienceMs = 20_000;
const names = { tenant: testTenant, createdBy: "test" };

/** Of one test. Disposing it ends the runs. */
export class StreamWork implements AsyncDisposable {
  readonly #parts: StreamWorkParts;
  readonly #engaged: EngagedJobs;
  readonly #watch: BatchWatch;
  readonly #control = new AbortController();
  readonly #working = new Map<RunId, Promise<void>>();
  readonly #thrown = new Map<string, unknown>();
  #failure: MillraceError | undefined;

  constructor(parts: StreamWorkParts) {
    const { worker, jobs, config } = parts;
    const { store, clock, log } = worker;
    this.#parts = parts;
    const known = jobs.map((job) => observed(job, (error) => this.#thrown.set(job.name, error)));
    this.#engaged = worker.engage({ jobs: known, config });
    const byName = new Map(jobs.map((job) => [job.name, job]));
    this.#watch = new BatchWatch({
      store,
      log: batchLogOf(store, clock, async () => log),
      jobs: jobs.flatMap(({ name, stream }) => (stream?.kind === "batches" ? [{ job: name, stream }] : [])),
      toSubmission: (name, { isLast: _isLast, ...options }) =>
        toSubmission(jobNamed(byName, name), { ...options, tenant: testTenant }),
      onError: (error) => (this.#failure ??= error),
    });
  }

  /** Submits the runs that never end, and has them begin. */
  async start(): Promise<void> {
    const { worker, jobs } = this.#parts;
    for (const { name, partitions, retentionMs } of jobs.flatMap(({ stream }) => stream?.topics ?? []))
      await worker.log.declareTopic({ name, partitions, retentionMs });
    const kept = jobs.filter(({ stream }) => stream?.replicas !== undefined);
    for (const job of kept) await worker.store.submit(toSubmission(job, { params: { replica: 0 }, ...names }));
    await this.settle();
  }

  /**
   * Resolves when all that is there is done. Time moves over waits before a retry, and no further.
   * @throws MillraceError what a run ended with · `WAIT_TIMED_OUT` when nothing moves and work is left
   */
  async settle(): Promise<void> {
    const { worker, jobs } = this.#parts;
    const { clock } = worker;
    let mark: string | undefined;
    let movedAtMs = performance.now();
    for (;;) {
      const isWorking = await this.#begin();
      const look = await lookAtStreams(worker, jobs);
      const now = `${look.mark} ${[...this.#working.keys()].join(",")}`;
      const isSame = now === mark;
      if (!isSame) movedAtMs = performance.now();
      mark = now;
      if (this.#failure !== undefined) throw this.#failure;
      if (isSame && !isWorking && (await this.#moveTime(look)) === "done") return await this.#engaged.flush();
      if (performance.now() - movedAtMs > patienceMs) throw stuck(look.left);
      await clock.sleep(lookMs);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#control.abort(new MillraceError("RUN_STOPPED", "the test is over"));
    await Promise.allSettled(this.#working.values());
    await this.#engaged[Symbol.asyncDispose]();
  }

  /** Moves the clock to what is due next, where all wait for that. */
  async #moveTime({ isQuiet, isDue, nextTryAtMs }: StreamLook): Promise<"done" | undefined> {
    const { store, clock } = this.#parts.worker;
    // who waits for a moment that has come goes by whole milliseconds
    if (isDue) clock.skipTo(clock.now() + 1);
    if (!isQuiet) return undefined;
    const dueInMs = await store.nextDueInMs();
    const dues = [nextTryAtMs ?? [], dueInMs === undefined ? [] : clock.now() + dueInMs].flat();
    if (dues.length === 0) return "done";
    clock.skipTo(Math.min(...dues));
    await store.promote(1_000);
    return undefined;
  }

  /** Makes batches and begins runs. @returns whether a run works that has an end */
  async #begin(): Promise<boolean> {
    const { worker, jobs } = this.#parts;
    await this.#watch.look();
    const { registry } = this.#engaged;
    for (const run of await worker.store.claim({ workerId: worker.workerId, limit: 100, jobs: registry.names }))
      this.#working.set(run.runId, this.#execute(run));
    const kept = jobs.filter(({ stream }) => stream?.replicas !== undefined);
    return this.#working.size > kept.length;
  }

  async #execute(run: ClaimedRun): Promise<void> {
    const { executor } = this.#engaged;
    try {
      const control = new AbortController();
      const stop = (): void => control.abort(this.#control.signal.reason);
      this.#control.signal.addEventListener("abort", stop, { once: true });
      await executor.execute(run, { control, yieldPoint: new YieldPoint() });
      this.#control.signal.removeEventListener("abort", stop);
      if (!this.#control.signal.aborted) await this.#noteEnd(run);
    } catch (thrown) {
      this.#failure ??= new MillraceError("INTERNAL", `a run of job \`${run.job}\` was lost`, { cause: thrown });
    } finally {
      this.#working.delete(run.runId);
    }
  }

  async #noteEnd({ runId, job }: ClaimedRun): Promise<void> {
    const ended = await this.#parts.worker.store.findRun(runId);
    if (ended?.state !== "ERROR") return;
    const { code = "JOB_FAILED", message = `the run ended: ${ended.state}`, ...facts } = ended.error ?? {};
    this.#failure ??= new MillraceError(code, message, { ...facts, cause: this.#thrown.get(job) });
  }
}

function jobNamed(jobs: ReadonlyMap<string, Job>, name: string): Job {
  const job = jobs.get(name);
  if (job === undefined) throw new MillraceError("JOB_UNKNOWN", `the test has no job \`${name}\``);
  return job;
}

function stuck(left: readonly string[]): MillraceError {
  return new MillraceError("WAIT_TIMED_OUT", `the jobs of the test stand still: ${left[0] ?? "a run does not end"}`, {
    hint: 'a handler that waits for something has to find it in the test; waits of a breaker or of `onFailure: "block"` pass in real time',
  });
}
