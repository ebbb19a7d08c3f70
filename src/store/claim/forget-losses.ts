// A run that has made progress since workers died with it is no suspect any more: one that goes on for months meets many deaths.
import { assertLease } from "../rows/fence.ts";
import type { Fence } from "../rows/run-records.ts";
import { run, type Script } from "../rows/script.ts";

/** @throws MillraceError `RUN_LOST` */
export function* forgetLosses(fence: Fence): Script<void> {
  yield* assertLease(fence);
  yield* run("delete from loss where run_id = ?", fence.runId);
}
