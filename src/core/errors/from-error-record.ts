// An error again, from what was kept or sent of it.
import { type ErrorRecord, MillraceError } from "./errors.ts";

/** Its causes come back as their messages. @see toErrorRecord */
export function fromErrorRecord(record: ErrorRecord & { readonly retryAfterMs?: number }): MillraceError {
  const { code, message, disposition, errorClass, retryAfterMs, hint, details, causes = [] } = record;
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
