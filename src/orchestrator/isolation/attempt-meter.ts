// Defines the port that measures what an attempt uses of the machine, as far as the platform can tell.
import type { AttemptMetrics } from "../../store/rows/run-records.ts";

/** Measures attempts; the composition root lends one. */
export interface AttemptMeter {
  /** Runs the work under measurement. */
  measure<T>(work: () => Promise<T>): Measurement<T>;
}

export interface Measurement<T> {
  readonly done: Promise<T>;
  /** What was used until now. */
  read(): AttemptMetrics;
}

/** For platforms that tell nothing. */
export const noMeter: AttemptMeter = {
  measure: (work) => ({ done: work(), read: () => ({}) }),
};
