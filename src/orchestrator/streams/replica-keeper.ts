// Keeps the runs of stream jobs alive. Any number of processes may do so: a run that is there already is found by its key.
import type { Clock } from "../../core/clock.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { NewNotice } from "../../core/notification/notice.ts";
import { usualSeverity } from "../../core/notification/notification-event.ts";
import type { NoticeRouter } from "../../core/notification/notice-router.ts";
import type { JobStream } from "../../core/stream/job-stream.ts";
import type { Json, RunSummary, Submission } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";
import { Wake } from "../upkeep/wake.ts";
import { replayOf } from "../../core/stream/replay-param.ts";
import { decideReplicas, type ReplicaPlan, type ReplicaRun } from "./decide-replicas.ts";

/** A job whose runs are kept alive. */
export interface KeptJob {
  readonly job: string;
  readonly stream: JobStream;
}

export interface ReplicaKeeperOptions {
  readonly store: Pick<Store, "listRuns" | "submit" | "readClockMs" | "enqueueNotices">;
  readonly clock: Pick<Clock, "sleep">;
  readonly jobs: readonly KeptJob[];
  readonly toSubmission: (job: string, options: ReplicaRunOptions) => Submission;
  /** Records that wait for the group of a job. Asked only for jobs that are scaled by it. */
  readonly lagOf: (stream: JobStream) => Promise<number>;
  readonly router: () => Pick<NoticeRouter, "routesFor">;
  /** Told of a store that cannot be reached, and once of each replica that is not started again. */
  readonly onError: (error: MillraceError) => void;
}

export interface ReplicaRunOptions {
  readonly params: { readonly replica: number };
  readonly createdBy: "streams";
}

const lookEveryMs = 1_000;
const longestRestMs = 10_000;
/** How far the history of a job is looked back. */
const runsAReplica = 15;

/** Looks now and then, from `start` to `stop`. */
export class ReplicaKeeper {
  readonly #options: ReplicaKeeperOptions;
  readonly #wake: Wake;
  readonly #told = new Map<string, number>();
  #stopping = false;
  #loop: Promise<void> | undefined;

  constructor(options: ReplicaKeeperOptions) {
    this.#options = options;
    this.#wake = new Wake(options.clock);
  }

  start(): void {
    if (this.#options.jobs.length > 0) this.#loop ??= this.#run();
  }

  /** Resolves when the last look has ended. What runs goes on. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake.notify();
    await this.#loop;
  }

  /** Jobs of which a replica is not started again. */
  get crashed(): ReadonlySet<string> {
    return new Set([...this.#told.keys()].map((key) => key.slice(0, key.lastIndexOf("/"))));
  }

  /** Starts what is missing. @throws MillraceError when the store or the log cannot be reached */
  async look(): Promise<void> {
    for (const kept of this.#options.jobs) {
      const plan = await this.#plan(kept);
      for (const replica of plan.start) await this.#start(kept.job, replica);
      await this.#tell(kept.job, plan);
    }
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopping) {
      try {
        await this.look();
        failures = 0;
      } catch (error) {
        failures += 1;
        this.#options.onError(classifyError(error));
      }
      await this.#wake.wait(Math.min(longestRestMs, lookEveryMs * 2 ** failures));
    }
  }

  async #plan({ job, stream }: KeptJob): Promise<ReplicaPlan> {
    const { store, lagOf } = this.#options;
    const { replicas } = stream;
    if (replicas === undefined) return { start: [], crashed: [] };
    const limit = Math.min(1_000, runsAReplica * (replicas.max + 1));
    const found = await store.listRuns({ job, rootsOnly: true, limit });
    // A run that replays is none of those that work on what comes.
    const runs = found.filter(({ params }) => replayOf(params) === undefined).map(toReplicaRun);
    const lag = replicas.lagPerReplica === undefined ? 0 : await lagOf(stream);
    const partitions = Math.max(1, ...stream.topics.map((topic) => topic.partitions));
    return decideReplicas({ replicas, partitions, lag, runs, nowMs: await store.readClockMs() });
  }

  async #start(job: string, replica: number): Promise<void> {
    const { store, toSubmission } = this.#options;
    await store.submit(toSubmission(job, { params: { replica }, createdBy: "streams" }));
  }

  async #tell(job: string, { crashed }: ReplicaPlan): Promise<void> {
    for (const key of this.#told.keys()) {
      if (key.startsWith(`${job}/`) && !crashed.some(({ replica }) => key === `${job}/${replica}`))
        this.#told.delete(key);
    }
    for (const { replica, runId, failures } of crashed) {
      const key = `${job}/${replica}`;
      if (this.#told.get(key) === runId) continue;
      this.#told.set(key, runId);
      const error = crashLoop(job, replica, failures);
      this.#options.onError(error);
      await this.#options.store.enqueueNotices(this.#noticesOf(job, formatRunId(runId), error));
    }
  }

  #noticesOf(job: string, run: string, { code, message, hint }: MillraceError): readonly NewNotice[] {
    const routes = this.#options.router().routesFor(job, "failed");
    const severity = usualSeverity.failed;
    const key = `crash-loop:${job}`;
    return routes.length === 0
      ? []
      : [{ event: "failed", job, severity, key, code, message, hint: hint ?? "", run, routes }];
  }
}

/** A run as decisions about replicas need it. */
export function toReplicaRun({ id, params, state, reason, finishedAtMs, progress }: RunSummary): ReplicaRun {
  const hasProgress = (progress?.done ?? 0) > 0;
  return { runId: id, replica: replicaOf(params), state, reason, finishedAtMs, hasProgress };
}

/** A run that a person started without a number is the first. */
function replicaOf(params: Json): number {
  const replica = typeof params === "object" && params !== null && "replica" in params ? params["replica"] : 0;
  return typeof replica === "number" ? replica : 0;
}

function crashLoop(job: string, replica: number, failures: number): MillraceError {
  const message = `replica \`${replica}\` of job \`${job}\` failed \`${failures}\` times in a row without handling a record and is not started again`;
  return new MillraceError("WORKER_CRASH_LOOP", message, {
    hint: `correct what the last run says, then start it: \`millrace start ${job} --param replica=${replica}\``,
    details: { job, replica },
  });
}
