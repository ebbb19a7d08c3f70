// Runs that only one worker may execute, for what nobody else has. Their lane says which: it has a gate of the worker's id,
// which has no limit. Once that worker is out of service such runs are orphans: anybody's, to be ended and not to be executed.
import type { WorkerId } from "../rows/run-records.ts";

const prefix = "worker:";

/** The gate of runs that are bound to a worker. */
export function gateOfWorker(workerId: WorkerId): string {
  return `${prefix}${workerId}`;
}

/** The worker that runs with these gates are bound to. */
export function boundTo(gates: readonly string[]): WorkerId | undefined {
  const gate = gates.find((name) => name.startsWith(prefix));
  return gate === undefined ? undefined : (Number(gate.slice(prefix.length)) as WorkerId);
}
