// Describes the end of an attempt for the history of a run. The whole error is in `attempt_log`; a history of events stays short.
import type { ErrorRecord } from "../../core/errors/errors.ts";
import type { Json, Settlement } from "./run-records.ts";

/** Fields of an event about an attempt that failed. */
export function describeError({ code, message, errorClass }: ErrorRecord): { [key: string]: Json } {
  return { code, message: shorten(message), ...(errorClass === undefined ? {} : { errorClass }) };
}

/** Fields of an event about a retry, but for the attempt and for when it is due. */
export function describeRetry({ error, recovery }: Extract<Settlement, { end: "retry" }>): { [key: string]: Json } {
  return { ...describeError(error), ...recovery };
}

/** Fields of an event about a handler that gave its worker back, but for when it is due. */
export function describeSnooze({ wait }: Extract<Settlement, { end: "snoozed" }>): { [key: string]: Json } {
  if (wait === undefined) return {};
  return { wait: wait.kind === "service" ? { ...wait, because: shorten(wait.because) } : { ...wait } };
}

function shorten(message: string): string {
  return message.length > 300 ? `${message.slice(0, 300)}…` : message;
}
