// Refuses options that nobody reads, so that a typing error is not a silent default.
import { MillraceError } from "./errors.ts";
import { suggest } from "./suggest.ts";

/**
 * @param where names the object in the message, e.g. ``target of job `flights` ``
 * @throws MillraceError `JOB_INVALID` for anything but an object, and for an option that is not in `known`
 */
export function assertKnownOptions(where: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MillraceError("JOB_INVALID", `expected ${where} to be an object, got: \`${JSON.stringify(value)}\``);
  }
  for (const option of Object.keys(value)) {
    if (known.includes(option)) continue;
    throw new MillraceError("JOB_INVALID", `unknown option \`${option}\` of ${where}${suggest(option, known)}`, {
      hint: `known options: ${known.join(", ")}`,
    });
  }
}

/** @throws MillraceError `JOB_INVALID` unless `value` is an array of texts with at least `minimum` entries */
export function assertTexts(where: string, value: unknown, minimum = 1): asserts value is readonly string[] {
  const valid = Array.isArray(value) && value.every((entry) => typeof entry === "string" && entry !== "");
  if (valid && value.length >= minimum) return;
  const wanted = minimum === 0 ? "an array of names" : "a list of one or more names";
  throw new MillraceError("JOB_INVALID", `expected ${where} to be ${wanted}, got: \`${JSON.stringify(value)}\``);
}
