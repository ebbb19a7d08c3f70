// Ids of runs: a number in the store, `r42` for people.
import { MillraceError } from "./errors/errors.ts";

/** A run's number in its store; grows with submission. */
export type RunId = number & { readonly brand: "RunId" };

/** `42` → `"r42"`. */
export function formatRunId(id: RunId): string {
  return `r${id}`;
}

/** `"r42"` or `"42"` → `42`. @throws MillraceError `VALUE_INVALID` */
export function parseRunId(text: string): RunId {
  const match = /^r?([1-9]\d{0,15})$/.exec(text);
  if (match === null) {
    throw new MillraceError("VALUE_INVALID", `expected a run id like \`r42\`, got: \`${text}\``, {
      hint: "`millrace runs` lists the runs",
    });
  }
  return Number(match[1]) as RunId;
}
