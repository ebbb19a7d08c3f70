// The MillraceError that a promise is rejected with, to look at its code, message and hint.
import { MillraceError } from "../../src/core/errors/errors.ts";

/** @throws Error when the promise is fulfilled, or rejected with anything else */
export async function expectFailure(work: Promise<unknown>): Promise<MillraceError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error("expected a failure, got: success");
}
