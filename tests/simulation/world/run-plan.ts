// Defines what a simulated run does, as its params: the same plan at every attempt, whichever worker executes it.
import type { Json } from "../../../src/store/rows/run-records.ts";

/** How attempt number n ends when it comes to its end; the last one holds for all further attempts. */
export type PlannedEnd = "finish" | "transient" | "permanent" | "cancel" | "partial";

export interface RunPlan {
  readonly steps: number;
  readonly checkpoints: number;
  readonly units: number;
  readonly unitConcurrency: number;
  readonly snoozes: number;
  /** Virtual time of each of its pieces of work. */
  readonly workMs: number;
  /** Ignores its signal. */
  readonly isStubborn: boolean;
  readonly ends: readonly PlannedEnd[];
}

const nothing: RunPlan = {
  steps: 0,
  checkpoints: 0,
  units: 0,
  unitConcurrency: 1,
  snoozes: 0,
  workMs: 1,
  isStubborn: false,
  ends: ["finish"],
};

/** Reads a plan out of a run's params; a pipeline run has none. */
export function parsePlan(params: Json): RunPlan {
  if (typeof params !== "object" || params === null || Array.isArray(params)) return nothing;
  // Only the workload writes params of simulated runs.
  return { ...nothing, ...(params as unknown as Partial<RunPlan>) };
}

/** The end of an attempt, counted from 1. */
export function plannedEnd(plan: RunPlan, attempt: number): PlannedEnd {
  return plan.ends[Math.min(attempt, plan.ends.length) - 1] ?? "finish";
}
