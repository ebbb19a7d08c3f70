// The units of a source, one after the other. One that fails, or that a rule skips, takes its rows back and leaves the others.
import type { SourceUnit, UnitOutcome } from "../../../core/dataset/source.ts";
import { classifyError } from "../../../core/errors/classify-error.ts";
import type { ReadPagesInput } from "./read-pages.ts";
import { readPages } from "./read-pages.ts";

export interface FetchUnitsInput extends Omit<ReadPagesInput, "unit" | "variables"> {
  readonly units: Iterable<SourceUnit> | AsyncIterable<SourceUnit>;
  /** Whether a unit that fails fails all of them. */
  readonly isWhole: boolean;
}

/** @throws MillraceError when no unit could be read, and when the run is stopped */
export async function fetchUnits({ units, isWhole, ...input }: FetchUnitsInput): Promise<readonly UnitOutcome[]> {
  const outcomes: UnitOutcome[] = [];
  for await (const { key, variables } of units) {
    const takeBack = input.rows.mark();
    try {
      const { isSkipped, rows, maximum } = await readPages({ ...input, variables, unit: key });
      if (isSkipped) takeBack();
      const status = isSkipped ? "skipped" : "read";
      outcomes.push({ key, status, rows: isSkipped ? 0 : rows, ...(maximum === undefined ? {} : { maximum }) });
    } catch (thrown) {
      input.signal.throwIfAborted();
      const error = classifyError(thrown, input.now());
      // nothing is published before all that was asked for is done
      if (isWhole || error.code === "SOURCE_PENDING") throw error;
      takeBack();
      outcomes.push({ key, status: "failed", rows: 0, error });
    }
  }
  const failed = outcomes.filter(({ status }) => status === "failed");
  const [first] = failed;
  if (first?.error !== undefined && failed.length === outcomes.length) throw first.error;
  return outcomes;
}

/** Skipped and failed units, for people. */
export function describeUnits(outcomes: readonly UnitOutcome[]): string[] {
  const keys = (status: UnitOutcome["status"]): string[] =>
    outcomes
      .filter((outcome) => outcome.status === status)
      .map(({ key }) => (key === "" ? "the source" : `\`${key}\``));
  const skipped = keys("skipped");
  const failures = outcomes.flatMap(({ key, error }) =>
    error === undefined ? [] : [`unit \`${key}\` failed: ${error.message}`],
  );
  const few = skipped.slice(0, 10).join(", ");
  const list = skipped.length > 10 ? `${few} and ${skipped.length - 10} more` : few;
  return [
    ...(skipped.length === 0 ? [] : [`${skipped.length} of ${outcomes.length} units were skipped: ${list}`]),
    ...failures,
  ];
}
