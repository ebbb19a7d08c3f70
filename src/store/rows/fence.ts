// The fence. Every write of a run asks here first, in the write's own transaction.
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type { Fence } from "./run-records.ts";
import { all, idList, one, type Script } from "./script.ts";

/** Passes while the lease has this epoch, and keeps it so until the commit. @throws MillraceError `RUN_LOST` */
export function* assertLease(fence: Fence): Script<void> {
  const sql = "select epoch from lease where run_id = ? for update";
  const lease = yield* one<{ epoch: number }>(sql, fence.runId);
  if (lease?.epoch === fence.epoch) return;
  throw new MillraceError(
    "RUN_LOST",
    `run \`${formatRunId(fence.runId)}\` is no longer leased with epoch \`${fence.epoch}\``,
    { hint: "another worker may have it; this one must stop and write nothing" },
  );
}

/** Epochs of the leases of these runs, which stay as they are until the commit. Locked in id order. */
export function* lockHeldLeases(fences: readonly Fence[]): Script<ReadonlyMap<RunId, number>> {
  const sql = `select run_id as "runId", epoch from lease where run_id in (ids ?) order by run_id for update`;
  const leases = yield* all<Fence>(sql, idList(new Set(fences.map(({ runId }) => runId))));
  return new Map(leases.map(({ runId, epoch }) => [runId, epoch]));
}

/** Which of these leases still hold. */
export function* heldFences(fences: readonly Fence[]): Script<readonly Fence[]> {
  const sql = `select run_id as "runId", epoch from lease where run_id in (ids ?)`;
  const leases = yield* all<Fence>(sql, idList(fences.map(({ runId }) => runId)));
  const held = new Map(leases.map(({ runId, epoch }) => [runId, epoch]));
  return fences.filter(({ runId, epoch }) => held.get(runId) === epoch);
}
