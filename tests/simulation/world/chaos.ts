// Decides what goes wrong and when. Each seed draws which kinds of trouble it has and how much of each, so that some
// worlds are ruled by crashes, others by partitions, and a few are almost calm.
import type { EventLoop } from "./event-loop.ts";
import type { FaultCounter } from "./fault-counter.ts";
import type { NetworkConditions } from "./simulated-network.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { SimulationRandom } from "./simulation-random.ts";
import type { SimulationTrace } from "./simulation-trace.ts";

/** A place where a process runs; the one in it may die and another take its place. */
export interface ProcessSlot {
  readonly current: SimulatedProcess | undefined;
  /** Handlers execute in it now. */
  readonly isBusy: boolean;
  /** Ends it at once and starts another after a while. */
  crash(restartAfterMs: number): void;
  /** SIGTERM: it winds down by itself, then another starts. */
  stop(restartAfterMs: number): void;
}

export interface ChaosOptions {
  readonly loop: EventLoop;
  readonly random: SimulationRandom;
  readonly faults: FaultCounter;
  readonly trace: SimulationTrace;
  readonly conditions: NetworkConditions;
  readonly slots: readonly ProcessSlot[];
  readonly untilMs: number;
}

const trouble = [
  "crash",
  "freeze",
  "block",
  "partition",
  "store outage",
  "clock skew",
  "clock jump",
  "graceful stop",
] as const;
type Trouble = (typeof trouble)[number];

const dayMs = 86_400_000;
const maxSkewMs = 600_000;

/** Starts the trouble of one world; after `untilMs` nothing new goes wrong. */
export function startChaos(options: ChaosOptions): void {
  const { loop, random, conditions } = options;
  conditions.failBefore = random.pick([0, 0.01, 0.05]);
  conditions.failAfter = random.pick([0, 0.01, 0.05]);
  conditions.slow = random.pick([0, 0.02, 0.1]);
  conditions.hintLoss = random.pick([0, 0.3, 1]);
  const kinds = trouble.filter(() => random.chance(0.45));
  if (kinds.length === 0) kinds.push(random.pick(trouble));
  const meanMs = random.durationMs(1_000, 12_000);
  const next = (): void => {
    loop.after(random.next() * 2 * meanMs, () => {
      if (loop.nowMs >= options.untilMs) return;
      strike(options, random.pick(kinds));
      next();
    });
  };
  next();
}

/** Ends all trouble: what is stopped goes on, what is cut off is reachable, clocks are right. */
export function heal(conditions: NetworkConditions, processes: readonly SimulatedProcess[]): void {
  Object.assign(conditions, { failBefore: 0, failAfter: 0, slow: 0, hintLoss: 0, isStoreDown: false });
  for (const process of processes) {
    process.isPartitioned = false;
    process.skewMs = 0;
    process.wake();
  }
}

function strike({ loop, random, faults, trace, conditions, slots }: ChaosOptions, kind: Trouble): void {
  if (kind === "store outage") {
    const forMs = random.durationMs(100, 20_000);
    faults.count(kind);
    trace.add("store", `is away for ${forMs} ms`);
    conditions.isStoreDown = true;
    loop.after(forMs, () => {
      conditions.isStoreDown = false;
    });
    return;
  }
  // Trouble likes those at work.
  const slot = random.pick(slots.filter(({ isBusy }) => isBusy || random.chance(0.3)).concat(random.pick(slots)));
  const process = slot.current;
  if (process === undefined || !process.isAlive) return;
  faults.count(kind);
  const forMs = random.durationMs(200, 30_000);
  trace.add(process.name, `${kind}, ${forMs} ms`);
  switch (kind) {
    case "crash":
      return slot.crash(random.durationMs(10, 10_000));
    case "graceful stop":
      return slot.stop(random.durationMs(10, 10_000));
    case "freeze":
      process.freeze();
      loop.after(forMs, () => process.wake());
      return;
    case "block":
      process.block();
      loop.after(random.chance(0.2) ? forMs + 60_000 : forMs, () => process.wake());
      return;
    case "partition":
      process.isPartitioned = true;
      loop.after(forMs, () => {
        process.isPartitioned = false;
      });
      return;
    case "clock skew":
      process.skewMs = random.integer(-maxSkewMs, maxSkewMs);
      return;
    case "clock jump":
      process.skewMs += random.chance(0.5) ? dayMs : -dayMs;
      loop.after(forMs, () => {
        process.skewMs = 0;
      });
      return;
  }
}
