// Errors on their way between a worker and an isolate: code, disposition and class survive, and so does the wait asked for.
import { classifyError } from "../../core/errors/classify-error.ts";
import { type ErrorRecord, MillraceError, toErrorRecord } from "../../core/errors/errors.ts";
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

/** The error again; its causes come back as their messages. */
export function fromWireError(wire: WireError): MillraceError {
  const { code, message, disposition, errorClass, retryAfterMs, hint, details, causes = [] } = wire;
  const cause = causes.reduceRight<Error | undefined>(
    (inner, text) => new Error(text, inner === undefined ? undefined : { cause: inner }),
    undefined,
  );
  return new MillraceError(code, message, {
    disposition,
    ...(errorClass === undefined ? {} : { errorClass }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(hint === undefined ? {} : { hint }),
    ...(details === undefined ? {} : { details }),
    ...(cause === undefined ? {} : { cause }),
  });
}
