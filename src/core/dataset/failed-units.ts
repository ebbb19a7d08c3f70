// Units that failed, in words.
import type { MillraceError } from "../errors/errors.ts";
import type { UnitOutcome } from "./source.ts";

/** Of many failures these are told one by one; all of them are in the units of the run. */
const toldFailures = 20;

/** What to tell of several units that failed: the first failure, or before it one that a person has to look at. */
export function findFailure(outcomes: readonly UnitOutcome[]): MillraceError | undefined {
  const errors = outcomes.flatMap(({ status, error }) => (status === "failed" && error !== undefined ? [error] : []));
  return errors.find(({ code }) => code === "REQUEST_UNRESOLVED") ?? errors[0];
}

/** What a unit failed with, without its name, which stands beside it wherever it is shown. */
export function messageOfUnit(key: string, { message }: { readonly message: string }): string {
  const name = `unit \`${key}\`, `;
  return message.startsWith(name) ? message.slice(name.length) : message;
}

/** A sentence for each of the first, and one for how many more there are. */
export function describeFailedUnits(outcomes: readonly UnitOutcome[]): string[] {
  const failures = outcomes.flatMap(({ key, status, error }) =>
    error === undefined
      ? []
      : [`unit \`${key}\` ${status === "givenUp" ? "was given up" : "failed"}: ${messageOfUnit(key, error)}`],
  );
  const more = failures.length - toldFailures;
  if (more <= 0) return failures;
  return [...failures.slice(0, toldFailures), `${more} more ${more === 1 ? "unit" : "units"} failed`];
}
