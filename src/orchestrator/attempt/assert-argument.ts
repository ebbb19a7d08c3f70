// Checks arguments when a job runs. Node strips types without checking them, so a wrong argument may get past the
// compiler.
import { MillraceError } from "../../core/errors/errors.ts";

const maxTextLength = 500;
const maxShown = 100;

/** @throws MillraceError `VALUE_INVALID` unless it is a text of 1 to 500 characters */
export function assertText(what: string, value: unknown): asserts value is string {
  if (typeof value === "string" && value !== "" && value.length <= maxTextLength) return;
  throw unexpected(what, `a text of 1 to ${maxTextLength} characters`, value);
}

/** @throws MillraceError `VALUE_INVALID` unless it can be called */
export function assertFunction(what: string, value: unknown): void {
  if (typeof value !== "function") throw unexpected(what, "a function", value);
}

/** Names what came with its kind, so that `1` and `"1"` look different. */
export function unexpected(what: string, expected: string, value: unknown, hint?: string): MillraceError {
  const message = `expected \`${what}\` to be ${expected}, got: \`${describe(value)}\``;
  return new MillraceError("VALUE_INVALID", message, hint === undefined ? {} : { hint });
}

function describe(value: unknown): string {
  if (typeof value === "string") return value.slice(0, maxShown);
  if (typeof value === "object" && value !== null) return value.constructor?.name ?? "object";
  return `${String(value).slice(0, maxShown)} (${typeof value})`;
}
