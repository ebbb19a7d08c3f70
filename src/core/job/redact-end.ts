// Keeps secrets that an attempt got to know out of what is recorded of its end.
import { MillraceError } from "../errors/errors.ts";
import type { AttemptEnd } from "./run-job.ts";

/** Masks secrets in texts, at any depth. */
export type Redact = <Value>(value: Value) => Value;

/** What a job returns is its own business and stays as it is; what it fails with may quote anything. */
export function redactEnd(end: AttemptEnd, redact: Redact): AttemptEnd {
  const warnings = redact(end.warnings);
  return end.end === "failed" ? { ...end, warnings, error: redactError(end.error, redact) } : { ...end, warnings };
}

function redactError(error: MillraceError, redact: Redact): MillraceError {
  const { code, message, disposition, errorClass, retryAfterMs, hint, details, cause } = error;
  const shown = { message, hint, details, causes: causesOf(cause) };
  const masked = redact(shown);
  // Usually nothing is to be masked, and then the error stays itself.
  if (masked === shown) return error;
  return new MillraceError(code, masked.message, {
    disposition,
    errorClass,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(masked.hint === undefined ? {} : { hint: masked.hint }),
    ...(masked.details === undefined ? {} : { details: masked.details }),
    ...(masked.causes.length === 0 ? {} : { cause: chain(masked.causes) }),
  });
}

const maxCauses = 5;

function causesOf(cause: unknown): readonly string[] {
  const messages: string[] = [];
  for (let current = cause; current instanceof Error && messages.length < maxCauses; current = current.cause) {
    messages.push(current.message);
  }
  return messages;
}

function chain(messages: readonly string[]): Error | undefined {
  return messages.reduceRight<Error | undefined>(
    (inner, message) => new Error(message, inner === undefined ? undefined : { cause: inner }),
    undefined,
  );
}
