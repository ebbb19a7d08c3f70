// Defines the messages to and from the threads of a simulation.
import type { WorldReport } from "./world/simulated-world.ts";

/** What is simulated: the orchestrator, or streams. */
export type WorldKind = "orchestrator" | "streams";

/** Seeds for one thread. */
export interface SeedTask {
  readonly world: WorldKind;
  readonly seeds: readonly number[];
  /** Virtual hours that a world of the orchestrator spans. */
  readonly hours: number;
}

/** Enough to understand a failure without living through it again. */
export interface SeedFailure {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly lastLines: readonly string[];
}

/** What a thread tells about one seed. */
export type SeedResult = Omit<WorldReport, "lines" | "violations"> & { readonly failure: SeedFailure | undefined };
