// The expected ends of `execute`, as values. Errors are for what was not expected.
import { type Duration, parseDuration } from "../duration.ts";

/** What a job hands to its dependents and to its history: anything JSON can hold. */
export type JobResult = unknown;

/** How `execute` ended. */
export type JobEnding<Result = JobResult> =
  | { readonly outcome: "done"; readonly result: Result }
  | { readonly outcome: "partial"; readonly result: Result; readonly failures: readonly string[] }
  | { readonly outcome: "snooze"; readonly delayMs: number }
  | { readonly outcome: "cancel"; readonly reason: string };

const brand: unique symbol = Symbol("millrace.outcome");

// The brand keeps a user's own `{ outcome: "cancel" }` object a plain result.
type Branded = Readonly<Record<typeof brand, true>>;

/** An end of `execute` other than a plain result. Made by `done`, `partial`, `snooze` and `cancel`. */
export type JobOutcome<Result = JobResult> = JobEnding<Result> & Branded;

/** The result of a job whose `execute` returns `Returned`: that of its outcomes, and what is none as it is. */
export type ResultIn<Returned> = ResultOfOutcome<Awaited<Returned>>;

type ResultOfOutcome<Returned> = Returned extends Branded
  ? Returned extends { readonly result: infer Result }
    ? Result
    : never
  : Returned;

/** The job finished; the same as returning `result`. */
export function done<Result = undefined>(result?: Result): JobOutcome<Result> {
  return branded({ outcome: "done", result: result as Result });
}

/** The job finished, but some of its items failed; the run ends FINISHED (partial) and shows `failures`. */
export function partial<Result>(result: Result, failures: readonly string[]): JobOutcome<Result> {
  return branded({ outcome: "partial", result, failures });
}

/** Gives the worker back; `execute` is entered again from its start after `delay`, with the same run id. */
export function snooze(delay: Duration): JobOutcome<never> {
  return branded({ outcome: "snooze", delayMs: parseDuration(delay, "delay") });
}

/** Ends the run ERROR (cancelled) without a retry. */
export function cancel(reason: string): JobOutcome<never> {
  return branded({ outcome: "cancel", reason });
}

/** Reads what `execute` returned; anything but an outcome is a plain result. */
export function toJobEnding(value: unknown): JobEnding {
  return isJobOutcome(value) ? value : { outcome: "done", result: value };
}

function branded<Result>(ending: JobEnding<Result>): JobOutcome<Result> {
  return Object.freeze(Object.defineProperty(ending, brand, { value: true })) as JobOutcome<Result>;
}

function isJobOutcome(value: unknown): value is JobOutcome {
  return typeof value === "object" && value !== null && brand in value;
}
