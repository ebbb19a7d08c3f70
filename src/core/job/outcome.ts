// The expected ends of `execute`, as values. Errors are for what was not expected.
import { type Duration, parseDuration } from "../duration.ts";

/** What a job hands to its dependents and to its history: anything JSON can hold. */
export type JobResult = unknown;

/** An end of `execute` other than a plain result. Made by `done`, `partial`, `snooze` and `cancel`. */
export type JobOutcome =
  | { readonly outcome: "done"; readonly result: JobResult }
  | { readonly outcome: "partial"; readonly result: JobResult; readonly failures: readonly string[] }
  | { readonly outcome: "snooze"; readonly delayMs: number }
  | { readonly outcome: "cancel"; readonly reason: string };

const brand: unique symbol = Symbol("millrace.outcome");

/** The job finished; the same as returning `result`. */
export function done(result?: JobResult): JobOutcome {
  return branded({ outcome: "done", result });
}

/** The job finished, but some of its items failed; the run ends FINISHED (partial) and shows `failures`. */
export function partial(result: JobResult, failures: readonly string[]): JobOutcome {
  return branded({ outcome: "partial", result, failures });
}

/** Gives the worker back; `execute` is entered again from its start after `delay`, with the same run id. */
export function snooze(delay: Duration): JobOutcome {
  return branded({ outcome: "snooze", delayMs: parseDuration(delay, "delay") });
}

/** Ends the run ERROR (cancelled) without a retry. */
export function cancel(reason: string): JobOutcome {
  return branded({ outcome: "cancel", reason });
}

/** Reads what `execute` returned; anything but an outcome is a plain result. */
export function toJobOutcome(value: unknown): JobOutcome {
  return isJobOutcome(value) ? value : { outcome: "done", result: value };
}

// The brand keeps a user's own `{ outcome: "cancel" }` object a plain result.
function branded(outcome: JobOutcome): JobOutcome {
  return Object.freeze(Object.defineProperty(outcome, brand, { value: true }));
}

function isJobOutcome(value: unknown): value is JobOutcome {
  return typeof value === "object" && value !== null && brand in value;
}
