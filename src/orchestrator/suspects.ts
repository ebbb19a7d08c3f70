// What a run is owed that was aboard when a worker died: it may be what killed it. Suspects execute where the death of one of
// them hits nobody else, until they have ended; so whoever was aboard by chance is executed again once.
import type { ClaimedRun } from "../store/run-records.ts";

/** `apart`: in a process of its own, whatever the job asks for. `alone`: with nothing else in its worker. */
export type Care = "together" | "apart" | "alone";

/** A process that dies with its worker often enough may be what exhausts the machine, so that it is left alone as well. */
const aloneFromLosses = 5;

/** @param canBeApart whether this worker can give the job a process of its own */
export function careFor({ losses }: Pick<ClaimedRun, "losses">, canBeApart: boolean): Care {
  if (losses === 0) return "together";
  return canBeApart && losses < aloneFromLosses ? "apart" : "alone";
}
