// A process that executes one run of a stream: the real loop of the product, in virtual time, with the store behind the network.
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { Clock } from "../../../src/core/clock.ts";
import type { Job } from "../../../src/core/job/job.ts";
import type { JobContext } from "../../../src/core/job/job-context.ts";
import type { Delivery, GroupDeclaration, StreamPort } from "../../../src/core/stream/stream-ledger.ts";
import type { StreamReach } from "../../../src/core/stream/stream-reach.ts";
import type { NewRecord } from "../../../src/core/stream/stream-record.ts";
import type { ClaimedRun, Fence, WorkerId } from "../../../src/store/rows/run-records.ts";
import type { Store } from "../../../src/store/store.ts";
import { createEmbeddedLog } from "../../../src/stream/embedded/embedded-log.ts";
import type { EventLoop } from "../world/event-loop.ts";
import type { SimulationRandom } from "../world/simulation-random.ts";
import type { StreamModel } from "./stream-model.ts";
import { type Caller, never, type StreamNetwork } from "./stream-network.ts";

export interface MemberParts {
  readonly loop: EventLoop;
  readonly network: StreamNetwork;
  readonly model: StreamModel;
  readonly store: Store;
  readonly random: SimulationRandom;
  readonly trace: (actor: string, text: string) => void;
  readonly onCrash: (member: Process) => void;
}

/** Dead or alive. */
export class Process implements Caller {
  readonly name: string;
  readonly workerId: WorkerId;
  readonly fence: Fence | undefined;
  readonly clock: Clock;
  readonly #parts: MemberParts;
  isDead = false;
  isAskedToLeave = false;

  constructor(parts: MemberParts, name: string, workerId: WorkerId, fence: Fence | undefined) {
    this.#parts = parts;
    this.name = name;
    this.workerId = workerId;
    this.fence = fence;
    const { loop } = parts;
    this.clock = {
      now: () => loop.nowMs,
      sleep: async (ms, signal) => {
        await sleep(loop, ms, signal);
        if (this.isDead) await never;
      },
    };
  }

  crash(): void {
    if (this.isDead) return;
    this.isDead = true;
    this.#parts.trace(this.name, "dies");
    this.#parts.onCrash(this);
  }

  /** The store as the process reaches it. */
  port(): StreamPort {
    const { network, store, model, trace } = this.#parts;
    const own = fencedCalls(store, model, this.fence, (text) => trace(this.name, text));
    return new Proxy(store as unknown as StreamPort, {
      get: (target, name) => {
        const work = Reflect.get(own, name) ?? Reflect.get(target, name);
        return typeof work === "function" ? (...args: unknown[]) => network.call(this, () => call(work, args)) : work;
      },
    });
  }

  /** Works on a run until it ends; never where the process dies. */
  async execute(job: Job, run: ClaimedRun): Promise<void> {
    const port = this.port();
    const { random } = this.#parts;
    const reach = {
      log: createEmbeddedLog({ blocks: port, clock: this.clock }),
      port,
      clock: this.clock,
      random: () => random.next(),
      run: { id: run.runId, job: run.job, epoch: run.epoch, attempt: run.attempt },
      code: "simulated",
      // No value of a world is large.
      payloads: { checkIn: async (records: readonly NewRecord[]) => records },
      folders: { stores: "", payloads: "" },
      signal: new AbortController().signal,
      isAskedToLeave: () => this.isAskedToLeave,
      leave: () => {
        throw new MillraceError("RUN_PAUSED", "the run was asked to leave");
      },
      logger: { info: () => undefined, warn: () => undefined },
      connections: { restMs: () => 0, report: async () => 0 },
      progress: () => undefined,
    } as unknown as StreamReach;
    // The loop touches this of the context; handlers of the simulation touch nothing else.
    const ctx = {
      params: run.params,
      run: { id: run.runId, replay: undefined },
      streams: { reach },
    } as unknown as JobContext;
    await job.execute(ctx);
  }
}

async function call(work: (...args: unknown[]) => unknown, args: readonly unknown[]): Promise<unknown> {
  return await work(...args);
}

// What is asked with the lease of the run, and told to the model at the instant of its effect.
function fencedCalls(
  store: Store,
  model: StreamModel,
  fence: Fence | undefined,
  trace: (text: string) => void,
): Record<string, (...args: never[]) => unknown> {
  if (fence === undefined) return {};
  return {
    claimPartitions: async (declaration: GroupDeclaration) => {
      const assignment = await store.claimPartitions(fence, declaration);
      trace(`claims ${assignment.held.map(({ partition, epoch }) => `${partition}@${epoch}`).join(" ")}`);
      model.claimed(fence, declaration.group, assignment);
      return assignment;
    },
    releasePartitions: async (group: string, partitions: readonly { partition: number; epoch: number }[]) => {
      await store.releasePartitions(fence, group, partitions);
      trace(`gives back ${partitions.map(({ partition, epoch }) => `${partition}@${epoch}`).join(" ")}`);
      model.released(fence, group, partitions);
    },
    deliver: async (delivery: Delivery) => {
      try {
        const ranges = await store.deliver(fence, delivery);
        trace(`delivers ${describe(delivery)}`);
        model.delivered(fence, delivery);
        return ranges;
      } catch (error) {
        trace(`is refused ${describe(delivery)}`);
        model.refused(fence, delivery, error);
        throw error;
      }
    },
    endBatch: async (group: string, number: number, result: unknown) => {
      await store.endBatch(fence, group, number, result);
      trace(`ends batch ${number}`);
      if (!model.isLive(fence)) model.object("fence", `batch ${number} is ended by run ${fence.runId} without a lease`);
    },
  };
}

function describe({ partitions, appends, deadLetters, parked, unparked, reparked }: Delivery): string {
  const moves = partitions.flatMap(({ partition, epoch, moves: own }) =>
    own.map(
      ({ from, to, handTo }) => `${partition}@${epoch} ${from}→${to}${handTo === undefined ? "" : ` hand ${handTo}`}`,
    ),
  );
  const counts = { appends, deadLetters, parked, unparked, reparked };
  const more = Object.entries(counts).flatMap(([name, list]) => (list.length === 0 ? [] : [`${name} ${list.length}`]));
  return [...moves, ...more].join(", ");
}

function sleep(loop: EventLoop, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const end = (): void => {
      signal?.removeEventListener("abort", end);
      timer.cancel();
      resolve();
    };
    const timer = loop.after(ms, end);
    signal?.addEventListener("abort", end, { once: true });
  });
}
