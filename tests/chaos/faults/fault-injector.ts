// Inflicts the faults of the plan, those of processes and those of the store side by side, and counts what was done.
import { setTimeout as sleep } from "node:timers/promises";
import type { Fleet, Role } from "../fleet.ts";
import type { FaultPlan, ProcessFault } from "./fault-plan.ts";
import type { FaultyStore } from "./faulty-store.ts";
import type { Random } from "./random.ts";

export interface FaultInjectorOptions {
  readonly fleet: Fleet;
  readonly faultyStore: FaultyStore;
  readonly plan: FaultPlan;
  readonly random: Random;
  /** Between two faults of processes, on average. */
  readonly gapMs: number;
  /** Whether the work is about as far as the faults, so that they are spread over all of it. */
  readonly isKeepingUp: (progress: number) => boolean;
  readonly stopMs: { readonly min: number; readonly max: number };
  readonly onProgress?: (line: string) => void;
}

export interface Disturbance {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A fault of the store that lasted longer is told. */
const slowFaultMs = 5_000;

export class FaultInjector {
  readonly done = new Map<string, number>();
  /** When the store or the way to it stood still, so that nobody could take back anything. */
  readonly disturbances: Disturbance[] = [];
  /** Faults that could not be inflicted, with the reason. */
  readonly failures: string[] = [];
  readonly #options: FaultInjectorOptions;
  readonly #wakings: Promise<void>[] = [];
  #inflicted = 0;
  #inflictedOnStore = 0;

  constructor(options: FaultInjectorOptions) {
    this.#options = options;
  }

  /** Share of the plan for processes that is done; of that for the store when no process is to be hurt. */
  get progress(): number {
    const { process, faultyStore } = this.#options.plan;
    if (process.length > 0) return this.#inflicted / process.length;
    return faultyStore.length === 0 ? 1 : this.#inflictedOnStore / faultyStore.length;
  }

  /** Resolves when all faults were inflicted and are over. */
  async run(): Promise<void> {
    await Promise.all([this.#hurtProcesses(), this.#hurtStore()]);
    await Promise.all(this.#wakings);
    await this.#options.faultyStore.heal();
  }

  async #hurtProcesses(): Promise<void> {
    const { plan, random, gapMs } = this.#options;
    for (const fault of plan.process) {
      await sleep(gapMs * (0.5 + random.next()));
      while (!this.#options.isKeepingUp(this.progress)) await sleep(20);
      await this.#hurtProcess(fault);
      this.#inflicted += 1;
      this.#count(fault);
    }
  }

  // Each fault of the store has its turn when as much of the plan for processes is done.
  async #hurtStore(): Promise<void> {
    const { plan, faultyStore, random, fleet } = this.#options;
    const countTroubles = (code: string): number => fleet.troubles.get(code) ?? 0;
    for (const [position, name] of plan.faultyStore.entries()) {
      while (this.progress < position / plan.faultyStore.length) await sleep(20);
      const fromMs = Date.now();
      try {
        await faultyStore.faults[name]?.inflict(random, countTroubles);
        this.#count(name);
      } catch (error) {
        this.failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
      const tookMs = Date.now() - fromMs;
      if (tookMs > slowFaultMs) this.#options.onProgress?.(`${name} took ${tookMs} ms`);
      if (faultyStore.faults[name]?.stalls === true) this.disturbances.push({ fromMs, toMs: Date.now() });
      this.#inflictedOnStore += 1;
    }
  }

  async #hurtProcess(fault: ProcessFault): Promise<void> {
    const { fleet, random, stopMs } = this.#options;
    for (;;) {
      const role = this.#roleOf(fault);
      // Most kills meet a process at work, some one that has just begun.
      const candidates =
        fault.startsWith("kill") && random.next() < 0.1
          ? fleet.berths.filter((berth) => berth.role === role)
          : fleet.ready(role);
      if (candidates.length > 0) {
        const berth = random.pick(candidates);
        if (fault === "stop_process" && fleet.signal(berth, "SIGSTOP")) {
          const lastsMs = random.integer(stopMs.min, stopMs.max);
          this.#wakings.push(sleep(lastsMs).then(() => fleet.resume(berth)));
          return;
        }
        if (fault === "term_process" && fleet.signal(berth, "SIGTERM")) return;
        if (fault.startsWith("kill") && fleet.signal(berth, "SIGKILL")) return;
      }
      await sleep(10);
    }
  }

  #roleOf(fault: ProcessFault): Role {
    switch (fault) {
      case "kill_scheduler":
        return "scheduler";
      case "kill_submitter":
        return "submitter";
      case "kill_worker":
        return "worker";
      case "stop_process":
      case "term_process":
        return this.#options.random.next() < 0.75 ? "worker" : "scheduler";
    }
  }

  #count(name: string): void {
    this.done.set(name, (this.done.get(name) ?? 0) + 1);
  }
}
