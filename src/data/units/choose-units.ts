// Which of the units that are due a run reads, when it may not read all of them: those that wait longest, so that each gets its turn.
import { MillraceError } from "../../core/errors/errors.ts";
import type { DueUnit } from "./plan-units.ts";

export interface UnitChoice {
  readonly chosen: readonly DueUnit[];
  /** Units that are left for the next run. */
  readonly deferred: number;
}

/**
 * @param cap units that the run may read; `undefined` for all
 * @param lastKey the last unit of a run before that left others, where nothing says when a unit was read
 */
export function chooseUnits(due: readonly DueUnit[], cap: number | undefined, lastKey: string | undefined): UnitChoice {
  if (cap === undefined || due.length <= cap) return { chosen: due, deferred: 0 };
  const order = new Map(due.map((unit, index) => [unit, index]));
  const place = (unit: DueUnit): number => order.get(unit) ?? 0;
  const last = lastKey === undefined ? -1 : due.findIndex(({ key }) => key === lastKey);
  const turn = (unit: DueUnit): number => (place(unit) + due.length - last - 1) % due.length;
  const waiting = due.toSorted((a, b) => compare(a.since, b.since) || turn(a) - turn(b));
  const chosen = waiting.slice(0, cap);
  return { chosen, deferred: due.length - chosen.length };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * Runs that have no cap, because they read a window or all of time, may have several parts of time.
 * @throws MillraceError `PARAMS_INVALID` for parts whose rows would be versions of one moment
 */
export function assertOneMoment(chosen: readonly DueUnit[]): void {
  const parts = new Set(chosen.map(({ part }) => part?.start));
  if (parts.size < 2) return;
  const message = `all versions of a run of the mode \`scd2\` begin at one moment, and this run would read \`${parts.size}\` parts of time`;
  throw new MillraceError("PARAMS_INVALID", message, {
    hint: "run a window of one part after the other, the oldest first; to make the history anew, `millrace datasets reset` its dataset, and run the job until nothing is due",
  });
}
