// The fence. Every write of a run asks here first, in the write's own transaction.
import { MillraceError } from "../../core/errors.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { Fence } from "../run-records.ts";
import type { Connection } from "./connection.ts";

/** Passes while the lease has this epoch; one primary key look-up. @throws MillraceError `RUN_LOST` */
export function assertLease(db: Connection, fence: Fence): void {
  if (holdsLease(db, fence)) return;
  throw new MillraceError(
    "RUN_LOST",
    `run \`${formatRunId(fence.runId)}\` is no longer leased with epoch \`${fence.epoch}\``,
    { hint: "another worker may have it; this one must stop and write nothing" },
  );
}

/** Which of these leases still hold. */
export function heldFences(db: Connection, fences: readonly Fence[]): readonly Fence[] {
  return fences.filter((fence) => holdsLease(db, fence));
}

function holdsLease(db: Connection, { runId, epoch }: Fence): boolean {
  return db.get("select 1 from lease where run_id = ? and epoch = ?", runId, epoch) !== undefined;
}
