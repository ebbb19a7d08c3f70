// The MillraceError that a function throws, with the code that it must have.
import type { ErrorCode } from "../../src/core/errors/error-codes.ts";
import { MillraceError } from "../../src/core/errors/errors.ts";

/** @throws Error when nothing, or anything else, is thrown */
export function expectThrown(work: () => unknown, code: ErrorCode): MillraceError {
  try {
    work();
  } catch (error) {
    if (error instanceof MillraceError && error.code === code) return error;
    throw error;
  }
  throw new Error(`expected a failure \`${code}\`, got: success`);
}
