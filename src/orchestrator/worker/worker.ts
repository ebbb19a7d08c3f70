// A worker: registers with the store, stays alive there, claims and executes runs, and takes back those of the dead.
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type { NoticeRouter } from "../../core/notification/notice-router.ts";
import type { WorkerId, WorkerProcess } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";
import type { Heartbeat } from "../../store/claim/work-store.ts";
import type { AttemptMeter } from "../isolation/attempt-meter.ts";
import { Dispatcher } from "./dispatcher.ts";
import { type EndedRun, noticesOfEnd, noticesOfFailure } from "../notices/run-notices.ts";
import type { Launcher } from "../isolation/launcher.ts";
import { SpareLauncher } from "../isolation/spare-launcher.ts";
import type { JobRegistry } from "../attempt/job-registry.ts";
import type { RunServices } from "../attempt/job-context-input.ts";
import { LeaseReaper } from "../upkeep/lease-reaper.ts";
import { type ConnectionReporter, type RunEnd, RunExecutor } from "./run-executor.ts";
import { RequestWatcher } from "./request-watcher.ts";
import { RunRecorder } from "./run-recorder.ts";
import { Settler } from "./settler.ts";
import { standingJobs } from "./standing-jobs.ts";
import { StepWriter } from "./step-writer.ts";
import type { StrayErrors } from "../attempt/stray-errors.ts";
import { Wake } from "../upkeep/wake.ts";

export interface WorkerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly registry: JobRegistry;
  readonly services: RunServices;
  readonly configOf: (job: string) => unknown;
  readonly notify: (end: RunEnd) => Promise<void>;
  /** Who is told of the ends of runs. Default: nobody. */
  readonly router?: () => Pick<NoticeRouter, "routesFor" | "ofRun">;
  readonly process: WorkerProcess;
  readonly isProcessDead: (process: WorkerProcess) => boolean;
  /** Runs executed at once. */
  readonly slots: number;
  /** Runs of streams that it executes beside them. Default 8. */
  readonly places?: number;
  /** Executes what is bound to it, and leaves all else to others. */
  readonly onlyBound?: boolean;
  /** Store trouble; the worker goes on by itself. */
  readonly onError: (error: MillraceError) => void;
  readonly leaseTtlMs?: number;
  readonly pollMs?: number;
  /** Default of `stop`. */
  readonly windDownMs?: number;
  /** For jobs with a thread or process of their own. */
  readonly launcher?: Launcher;
  readonly meter?: AttemptMeter;
  readonly breakers?: ConnectionReporter;
  /** Tells attempts in this process of errors that nobody waits for. Default: those end the process. */
  readonly strays?: StrayErrors;
  /** How long the main thread may compute without a pause before the worker counts as dead. Default: a minute. */
  readonly wedgedAfterMs?: number;
}

const defaultLeaseTtlMs = 15_000;
const defaultPollMs = 400;
const defaultPlaces = 8;
const defaultWindDownMs = 5_000;
const defaultWedgedAfterMs = 60_000;
const reapEveryMs = 2_000;

/** One worker of this process. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #wake: Wake;
  readonly #recorder: RunRecorder;
  readonly #reaper: LeaseReaper;
  readonly #executor: RunExecutor;
  readonly #watcher: RequestWatcher;
  readonly #launcher: SpareLauncher | undefined;
  #changes: Disposable | undefined;
  #dispatcher: Dispatcher | undefined;
  #heartbeat: Heartbeat | undefined;
  #stopping = false;

  constructor(options: WorkerOptions) {
    const { store, clock, router } = options;
    this.#options = options;
    this.#wake = new Wake(clock);
    this.#recorder = new RunRecorder(store, clock);
    this.#reaper = new LeaseReaper({
      ...options,
      everyMs: reapEveryMs,
      onReaped: () => this.#wake.notify(),
      ...(router === undefined
        ? {}
        : { noticesOf: (lost) => noticesOfFailure(router(), lost, { reason: "lost", error: lost.error }) }),
    });
    this.#watcher = new RequestWatcher({
      ...options,
      executions: () => this.#dispatcher?.executions ?? [],
      workerId: () => this.id,
    });
    this.#launcher = options.launcher === undefined ? undefined : new SpareLauncher(options.launcher, clock);
    this.#executor = new RunExecutor({
      ...options,
      ...(this.#launcher === undefined ? {} : { launcher: this.#launcher }),
      recorder: this.#recorder,
      settler: new Settler(store, clock),
      ...(router === undefined ? {} : { noticesOf: (run, end) => noticesOfEnd(routerOf(run, options), run, end) }),
      steps: new StepWriter(store),
      windDownMs: options.windDownMs ?? defaultWindDownMs,
    });
  }

  /** Takes back what dead processes of this host held, then begins to claim. */
  async start(): Promise<void> {
    await this.#reaper.reap();
    const workerId = await this.#register();
    const { store, clock, random, slots, onlyBound = false, onError } = this.#options;
    const jobs = this.#options.registry.names;
    const pollMs = this.#options.pollMs ?? defaultPollMs;
    const executor = this.#executor;
    this.#dispatcher = new Dispatcher(
      {
        store,
        clock,
        random,
        slots,
        standing: { jobs: standingJobs(this.#options.registry), places: this.#options.places ?? defaultPlaces },
        jobs,
        onlyBound,
        onError,
        pollMs,
        wake: this.#wake,
        execute: (run, control) => executor.execute(run, control),
        release: (run) => executor.release(run),
        careFor: (run) => executor.careFor(run),
      },
      workerId,
    );
    this.#changes = store.subscribe((change) => {
      if (change === "ready") this.#wake.notify();
      else if (change === "control") this.#watcher.notify();
    });
    this.#dispatcher.start();
    this.#watcher.start();
    this.#reaper.start();
  }

  /**
   * Stops claiming, asks the handlers to wind down and gives unfinished runs back, so that another worker goes on
   * with them at once. Resolves when nothing of this worker is left in the store.
   */
  async stop(): Promise<void> {
    await this.#leave(new MillraceError("RUN_RELEASED", "worker shuts down; the run goes on elsewhere"));
    const workerId = this.#heartbeat?.workerId;
    await this.#heartbeat?.[Symbol.asyncDispose]();
    if (workerId !== undefined) await this.#options.store.retireWorker(workerId);
  }

  /**
   * Ends this worker because of an error of which nobody can tell which run it comes from. Every run aboard is told so in its log
   * and counts as lost with its worker, so that each is executed again where its errors are its own. @returns those runs
   */
  async abandon(error: MillraceError): Promise<readonly RunId[]> {
    const aboard = [...(this.#dispatcher?.executions ?? [])].map(({ fence }) => fence.runId);
    const names = aboard.map((runId) => `\`${formatRunId(runId)}\``).join(", ");
    for (const runId of aboard)
      this.#recorder.log(runId, "error", `the worker ends, with ${names} aboard: ${error.message}`);
    await this.#leave(new MillraceError("RUN_LOST", "worker ends; its runs are executed again", { cause: error }));
    const workerId = this.#heartbeat?.workerId;
    await this.#heartbeat?.[Symbol.asyncDispose]();
    if (workerId !== undefined) await this.#reaper.reap([workerId]);
    return aboard;
  }

  async #leave(reason: MillraceError): Promise<void> {
    this.#stopping = true;
    this.#changes?.[Symbol.dispose]();
    await this.#reaper.stop();
    // Its runs end now, with what people asked of them or without.
    await this.#watcher.stop();
    await this.#dispatcher?.stop(reason);
    await this.#launcher?.[Symbol.asyncDispose]();
    await this.#recorder.close();
  }

  /** As the store knows it; another one after the store took it for dead. */
  get id(): WorkerId {
    if (this.#dispatcher === undefined) throw new MillraceError("INTERNAL", "worker has not started");
    return this.#dispatcher.workerId;
  }

  async #register(): Promise<WorkerId> {
    const { store, process, registry } = this.#options;
    const ttlMs = this.#options.leaseTtlMs ?? defaultLeaseTtlMs;
    const name = `${process.host}:${process.pid}`;
    const workerId = await store.registerWorker({ name, ttlMs, process, jobs: [...registry.names] });
    const { wedgedAfterMs = defaultWedgedAfterMs } = this.#options;
    this.#heartbeat = store.startHeartbeat({ workerId, ttlMs, wedgedAfterMs, onLost: () => void this.#rejoin() });
    return workerId;
  }

  // The store took this worker for dead. Its runs may be elsewhere: drop them and come back under a new id.
  async #rejoin(): Promise<void> {
    if (this.#stopping) return;
    this.#dispatcher?.abortAll(new MillraceError("RUN_LOST", "worker was declared dead; its runs are elsewhere"));
    await this.#heartbeat?.[Symbol.asyncDispose]();
    while (!this.#stopping) {
      try {
        this.#dispatcher?.useWorker(await this.#register());
        return;
      } catch (error) {
        this.#options.onError(
          error instanceof MillraceError
            ? error
            : new MillraceError("INTERNAL", "registering again failed", { cause: error }),
        );
        await this.#options.clock.sleep(1_000);
      }
    }
  }
}

/** What a run is given may say who is told of it. */
function routerOf(
  { job: name, params }: EndedRun,
  { router, registry, configOf }: WorkerOptions,
): Pick<NoticeRouter, "routesFor"> {
  const known = router?.();
  if (known === undefined) return { routesFor: () => [] };
  const notifications = registry.names.has(name)
    ? registry.job(name).notificationsOf?.({ params: params ?? {}, config: configOf(name) })
    : undefined;
  return notifications === undefined ? known : known.ofRun({ kind: "job", name, notifications });
}
