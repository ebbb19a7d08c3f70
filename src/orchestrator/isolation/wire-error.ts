// Errors on their way between a worker and an isolate: code, disposition and class survive, and so does the wait asked for.
import { classifyError } from "../../core/errors/classify-error.ts";
import { type ErrorRecord, toErrorRecord } from "../../core/errors/errors.ts";
import { toJson } from "../attempt/to-json.ts";

export type WireError = ErrorRecord & { readonly retryAfterMs?: number };

/** Classifies what was thrown where it was thrown; the other side could not tell its class any more. */
export function toWireError(thrown: unknown): WireError {
  const error = classifyError(thrown);
  const record = toErrorRecord(error);
  // Details of user errors may hold anything.
  const details = record.details === undefined ? {} : { details: toJson(record.details) as ErrorRecord["details"] };
  const wait = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs };
  return { ...record, ...details, ...wait } as WireError;
}
