// What errors of all databases have in common.
import { MillraceError } from "../../core/errors/errors.ts";

/** How a kind of failure is told. */
export interface KnownFailure {
  readonly code: ConstructorParameters<typeof MillraceError>[0];
  readonly what: string;
  readonly hint: string;
  /** Whether the server's own words follow. */
  readonly isTold?: true;
}

/** Whatever a database says when its connection was cut off on purpose. */
export function toStopped({ reason }: AbortSignal, cause: unknown): MillraceError {
  if (reason instanceof MillraceError) return reason;
  return new MillraceError("RUN_STOPPED", "the run was stopped while it worked on a database", { cause });
}
