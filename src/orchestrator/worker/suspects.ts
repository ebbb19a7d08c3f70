// Decides how carefully to execute a run whose worker died, since the run may have killed it. A suspect executes where
// its death hits no other run, so a run that was aboard by chance is executed again only once.
import type { Clock } from "../../core/clock.ts";
import { sleepJobName } from "../../core/job/built-in-job-names.ts";
import type { ClaimedRun } from "../../store/rows/run-records.ts";

/** `apart`: in a process of its own, whatever the job asks for. `alone`: with nothing else in its worker. */
export type Care = "together" | "apart" | "alone";

/** A process that dies with its worker often enough may be what exhausts the machine, so that it is left alone as well. */
const aloneFromLosses = 5;

/**
 * @param canBeApart whether this worker can give the job a process of its own
 * @param isStanding whether it has no end of its own, so that nobody could wait for one that is alone
 */
export function careFor(
  { job, losses }: Pick<ClaimedRun, "job" | "losses">,
  canBeApart: boolean,
  isStanding: boolean,
): Care {
  if (losses === 0) return "together";
  if (isStanding) return canBeApart ? "apart" : "together";
  // The orchestrator's own housekeeping is no suspect: alone it would keep every worker from claiming after each crash.
  if (job === sleepJobName && !canBeApart) return "together";
  return canBeApart && losses < aloneFromLosses ? "apart" : "alone";
}

/** A run that must execute alone keeps its worker from claiming others for at most this long. */
const turnWithinMs = 30_000;
/** After a wait in vain, the run is tried again this much later. */
export const turnAgainMs = 60_000;

/**
 * Waits until the run is alone in its worker. @returns true when it is, or when the run was aborted meanwhile; false when the
 * wait took too long: then the worker goes on with other runs, and another worker may be free sooner.
 */
export async function waitForTurn(turn: Promise<void>, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const late = clock.sleep(turnWithinMs, AbortSignal.any([signal, over.signal]));
  const hasCome = await Promise.race([turn.then(() => true), late.then(() => signal.aborted)]);
  over.abort();
  return hasCome;
}
