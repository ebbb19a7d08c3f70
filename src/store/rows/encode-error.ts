// Errors come from anywhere and may carry what JSON cannot hold; one of them must not spoil the batch it is settled in.
import type { ErrorRecord } from "../../core/errors/errors.ts";

/** The record as JSON; without its details when those cannot be written. */
export function encodeError(error: ErrorRecord): string {
  try {
    return JSON.stringify(error);
  } catch {
    const { details: _dropped, ...rest } = error;
    return JSON.stringify(rest);
  }
}
