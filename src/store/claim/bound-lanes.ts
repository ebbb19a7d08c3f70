// Which lanes a claim may take from when runs are bound to a worker.
import { boundTo } from "../submit/bound-runs.ts";
import type { WorkerId } from "../rows/run-records.ts";
import { all, type Script } from "../rows/script.ts";
import type { ClaimRequest } from "./work-store.ts";

/** Whether a claim may take runs with these gates. */
export function isOpenTo(
  { workerId, onlyBound = false }: ClaimRequest,
  gates: readonly string[],
  inService: ReadonlySet<WorkerId>,
): boolean {
  const owner = boundTo(gates);
  if (owner === undefined) return !onlyBound;
  return owner === workerId || !inService.has(owner);
}

/** Whether what a claim has taken was bound to another worker, which is gone then. */
export function isOrphanOf(workerId: WorkerId, gates: readonly string[]): boolean {
  const owner = boundTo(gates);
  return owner !== undefined && owner !== workerId;
}

/** Whether it matters who is in service. Nearly always nothing is bound. */
export function hasBound(lanes: readonly { readonly gates: readonly string[] }[]): boolean {
  return lanes.some(({ gates }) => boundTo(gates) !== undefined);
}

/** Ids of workers that are not known to be gone. */
export const workersInService = "select id from worker where state = 'active'";

/** Those that a lane may be bound to; empty when none is. */
export function* findOwners(lanes: readonly { readonly gates: readonly string[] }[]): Script<ReadonlySet<WorkerId>> {
  const rows = hasBound(lanes) ? yield* all<{ id: WorkerId }>(workersInService) : [];
  return new Set(rows.map(({ id }) => id));
}
