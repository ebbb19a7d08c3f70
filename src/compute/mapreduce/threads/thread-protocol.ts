// What threads of a job are told and tell. Both ends are of one process, so that memory is shared and nothing has to be checked.
import { MillraceError, type MillraceErrorOptions } from "../../../core/errors/errors.ts";
import type { ErrorCode } from "../../../core/errors/error-codes.ts";
import type { Mapped } from "../map-split.ts";
import type { Split } from "../plan-splits.ts";
import type { Reduced } from "../reduce-part.ts";
import type { Run } from "../run.ts";
import type { TaskOptions } from "../task-options.ts";

/** To a thread. It is told `open` first, and one task at a time; whoever launched it may have told it more. */
export type ToMapThread =
  | { readonly type: "open"; readonly options: TaskOptions }
  | { readonly type: "map"; readonly name: string; readonly split: Split }
  | { readonly type: "reduce"; readonly name: string; readonly part: number; readonly runs: readonly Run[] };

/** From a thread. */
export type FromMapThread =
  | { readonly type: "ready" }
  | { readonly type: "done"; readonly result: Mapped | Reduced }
  | { readonly type: "failed"; readonly error: WireError };

/** Starts threads that have loaded the job's module. */
export type LaunchMapThread = (onMessage: (message: unknown) => void) => MapThread;

export interface MapThread {
  send(message: object): void;
  /** Ends it whatever it does; `ended` resolves then, too. */
  kill(): void;
  /** Why it ended by itself, where that is known. */
  readonly ended: Promise<{ readonly error?: Error | undefined }>;
}

/** An error without its class, which is lost between threads. */
export interface WireError extends Pick<MillraceErrorOptions, "hint" | "details" | "disposition"> {
  readonly code: ErrorCode;
  readonly message: string;
  readonly cause: string;
}

export function toWireError(thrown: unknown): WireError {
  if (!(thrown instanceof MillraceError)) {
    const message = thrown instanceof Error ? thrown.message : `a thread threw \`${typeof thrown}\``;
    return { code: "JOB_FAILED", message, cause: stackOf(thrown) };
  }
  const { code, message, hint, details, disposition, cause } = thrown;
  return {
    code,
    message,
    disposition,
    cause: stackOf(cause),
    ...(hint === undefined ? {} : { hint }),
    ...(details === undefined ? {} : { details }),
  };
}

export function fromWireError({ code, message, cause, ...options }: WireError): MillraceError {
  return new MillraceError(code, message, cause === "" ? options : { ...options, cause: new Error(cause) });
}

function stackOf(thrown: unknown): string {
  if (thrown === undefined) return "";
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : typeof thrown;
}
