// The one error class of Millrace. Retry decisions read `disposition` and nothing else.
import { classOfCode, type ErrorClass } from "./error-class.ts";
import { errorCodes, type ErrorCode } from "./error-codes.ts";

/** What the engine does with a failure: try again later, give up, skip the run, or cancel it. */
export type Disposition = "retry" | "fail" | "skip" | "cancel";

/** The party that can act on the failure. */
export type ErrorOrigin = "config" | "user-code" | "upstream" | "millrace";

export interface MillraceErrorOptions {
  /** Overrides the disposition that the code has by default. */
  readonly disposition?: Disposition;
  /** Overrides the class that the code has by default. */
  readonly errorClass?: ErrorClass;
  /** Earliest useful time for the next attempt, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** The remedy, as one sentence a person can act on. */
  readonly hint?: string;
  /** Structured facts; never secrets, payloads or rows. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * Every failure that Millrace raises or records. `code` is stable and listed in `docs/reference/errors.md`.
 * Messages are lower case, have identifiers in backticks and the offending value last.
 */
export class MillraceError extends Error {
  override readonly name = "MillraceError";
  readonly code: ErrorCode;
  readonly disposition: Disposition;
  readonly origin: ErrorOrigin;
  readonly errorClass: ErrorClass;
  readonly retryAfterMs: number | undefined;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: MillraceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.disposition = options.disposition ?? errorCodes[code][0];
    this.origin = errorCodes[code][1];
    this.errorClass = options.errorClass ?? classOfCode(code, this.origin);
    this.retryAfterMs = options.retryAfterMs;
    this.hint = options.hint;
    this.details = options.details;
  }
}

/** The error as it is stored in a run's history and printed by `--json`; `cause` is flattened to messages. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly disposition: Disposition;
  readonly origin: ErrorOrigin;
  /** Left out when it is not known. */
  readonly errorClass?: ErrorClass;
  readonly hint?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly causes?: readonly string[];
}

/** Turns an error into its plain, serialisable record. */
export function toErrorRecord(error: MillraceError): ErrorRecord {
  const causes = causeMessages(error.cause);
  return {
    code: error.code,
    message: error.message,
    disposition: error.disposition,
    origin: error.origin,
    ...(error.errorClass === "unknown" ? {} : { errorClass: error.errorClass }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.details === undefined ? {} : { details: error.details }),
    ...(causes.length === 0 ? {} : { causes }),
  };
}

function causeMessages(cause: unknown): string[] {
  const messages: string[] = [];
  let current = cause;
  while (current instanceof Error && messages.length < 5) {
    messages.push(current.message);
    current = current.cause;
  }
  return messages;
}
