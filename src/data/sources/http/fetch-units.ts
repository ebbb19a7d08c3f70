// The units of a source, some of them at once. One that fails, or that a rule skips, takes its rows back and leaves the others.
import { describeFailedUnits, findFailure } from "../../../core/dataset/failed-units.ts";
import type { SourceReading, SourceUnit, UnitOutcome } from "../../../core/dataset/source.ts";
import { classifyError } from "../../../core/errors/classify-error.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { PageRows } from "../page-rows.ts";
import { assertUnitRows } from "../unit-rows.ts";
import type { ReadPagesInput } from "./read-pages.ts";
import { readPages } from "./read-pages.ts";
import type { RowWatch } from "./row-watch.ts";

/** Where one unit after the other is read. */
export interface UnitLane {
  readonly rows: PageRows;
  readonly watch: RowWatch | undefined;
}

export interface FetchUnitsInput extends Omit<ReadPagesInput, "unit" | "known" | "variables" | keyof UnitLane> {
  readonly units: Iterable<SourceUnit> | AsyncIterable<SourceUnit>;
  /** As many units are read at once as there are lanes. */
  readonly lanes: readonly UnitLane[];
  /** Whether a unit that fails fails all of them. */
  readonly isWhole: boolean;
  /** Says how many rows a unit has to have. */
  readonly reading: Pick<SourceReading, "minRows" | "rowsWanted">;
}

/** @returns what became of the units, in their order. @throws MillraceError when no unit could be read, and when the run is stopped */
export async function fetchUnits({ lanes, units, ...input }: FetchUnitsInput): Promise<readonly UnitOutcome[]> {
  const outcomes: UnitOutcome[] = [];
  const { rowsWanted = Infinity } = input;
  let found = 0;
  const stop = new AbortController();
  const signal = AbortSignal.any([input.signal, stop.signal]);
  const queue = numbered(units);
  const work = async (lane: UnitLane): Promise<void> => {
    // the lanes share the queue, so that each unit is read once
    for await (const [index, unit] of queue) {
      if (stop.signal.aborted || found >= rowsWanted) return;
      const outcome = await fetchUnit([index, unit], lane, { ...input, signal, rowsWanted: rowsWanted - found });
      outcomes[index] = outcome;
      found += outcome.rows;
    }
  };
  const failures = await Promise.all(
    lanes.map((lane) =>
      work(lane).then(
        () => undefined,
        (error: unknown) => stopOthers(stop, error),
      ),
    ),
  );
  const first = failures.find((failure) => failure !== undefined);
  if (first !== undefined) throw first.error;
  const failure = findFailure(outcomes);
  if (failure !== undefined && outcomes.every(({ status }) => status === "failed")) throw failure;
  return outcomes;
}

/** With its place among all units. */
type NumberedUnit = readonly [index: number, unit: SourceUnit];

async function* numbered(units: FetchUnitsInput["units"]): AsyncGenerator<NumberedUnit> {
  let index = 0;
  for await (const unit of units) {
    yield [index, unit];
    index += 1;
  }
}

/** `undefined` for a lane that only stopped because another one failed. */
function stopOthers(stop: AbortController, error: unknown): { readonly error: unknown } | undefined {
  if (stop.signal.aborted) return undefined;
  stop.abort();
  return { error };
}

/** @throws what ends the reading of all units */
async function fetchUnit(
  [index, { key, variables, known }]: NumberedUnit,
  { rows: pages, watch }: UnitLane,
  { isWhole, reading, ...input }: Omit<FetchUnitsInput, "lanes" | "units">,
): Promise<UnitOutcome> {
  const takeBack = pages.beginUnit(index);
  try {
    const { end, rows, maximum, newest } = await readPages({
      ...input,
      rows: pages,
      watch,
      variables,
      unit: key,
      known,
    });
    if (end === "skipped") {
      takeBack();
      return { key, status: "skipped", rows: 0 };
    }
    if (end === "givenUp") return { key, status: "givenUp", rows, error: givenUp() };
    assertUnitRows(key, rows, reading);
    return {
      key,
      status: "read",
      rows,
      ...(maximum === undefined ? {} : { maximum }),
      ...(newest === undefined ? {} : { newest }),
    };
  } catch (thrown) {
    input.signal.throwIfAborted();
    const error = classifyError(thrown, input.now());
    // nothing is published before all that was asked for is done
    if (isWhole || error.code === "SOURCE_PENDING") throw error;
    takeBack();
    return { key, status: "failed", rows: 0, error };
  }
}

/** What was sent was carried out, says a person, so that it is not sent again. */
function givenUp(): MillraceError {
  return new MillraceError(
    "REQUEST_UNRESOLVED",
    "its request was resolved as done, and the rows of its answer are lost",
  );
}

/** Skipped and failed units, for people. */
export function describeUnits(outcomes: readonly UnitOutcome[]): string[] {
  const keys = (status: UnitOutcome["status"]): string[] =>
    outcomes
      .filter((outcome) => outcome.status === status)
      .map(({ key }) => (key === "" ? "the source" : `\`${key}\``));
  const skipped = keys("skipped");
  const few = skipped.slice(0, 10).join(", ");
  const list = skipped.length > 10 ? `${few} and ${skipped.length - 10} more` : few;
  return [
    ...(skipped.length === 0 ? [] : [`${skipped.length} of ${outcomes.length} units were skipped: ${list}`]),
    ...describeFailedUnits(outcomes),
  ];
}
