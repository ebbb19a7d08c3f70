// What a run is owed that was aboard when a worker died: it may be what killed it. Suspects execute where the death of one of
// them hits nobody else, until they have ended; so whoever was aboard by chance is executed again once.
import type { Clock } from "../../core/clock.ts";
import type { ClaimedRun } from "../../store/rows/run-records.ts";

/** `apart`: in a process of its own, whatever the job asks for. `alone`: with nothing else in its worker. */
export type Care = "together" | "apart" | "alone";

/** A process that dies with its worker often enough may be what exhausts the machine, so that it is left alone as well. */
const aloneFromLosses = 5;

/** @param canBeApart whether this worker can give the job a process of its own */
export function careFor({ losses }: Pick<ClaimedRun, "losses">, canBeApart: boolean): Care {
  if (losses === 0) return "together";
  return canBeApart && losses < aloneFromLosses ? "apart" : "alone";
}

/** How long a run that is to be alone keeps its worker from claiming others, and when it is tried again after that. */
const turnWithinMs = 30_000;
export const turnAgainMs = 60_000;

/**
 * Whether the run is alone now, or was aborted meanwhile; false when that takes long: then its worker is of more use to all
 * when it goes on, and somebody else may be free sooner.
 */
export async function waitForTurn(turn: Promise<void>, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const late = clock.sleep(turnWithinMs, AbortSignal.any([signal, over.signal]));
  const hasCome = await Promise.race([turn.then(() => true), late.then(() => signal.aborted)]);
  over.abort();
  return hasCome;
}
