// Runs that were bound to a process with a tape of exchanges, which is gone. Here they would ask the services themselves.
import { MillraceError } from "../../core/errors/errors.ts";
import type { ClaimedRun } from "../../store/rows/run-records.ts";

/** @throws MillraceError `TAPE_GONE` */
export function assertNoOrphan({ isOrphan = false }: ClaimedRun): void {
  if (!isOrphan) return;
  const message = "the process that records or plays the exchanges of this run is gone, and no other may execute it";
  throw new MillraceError("TAPE_GONE", message, {
    hint: "start another run with `millrace run <job> --playback <folder>` or `--record <folder>`",
  });
}
