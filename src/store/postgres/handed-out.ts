// Remembers which leases this process has handed to its workers. This is the cheap first answer to whether a worker
// holds a lease that it does not execute because the answer of a claim got lost. Only when it says maybe is the
// database asked.
import type { ClaimedRun, Fence, Settlement, WorkerId } from "../rows/run-records.ts";
import type { ClaimRequest } from "../claim/work-store.ts";

export class HandedOut {
  /** By fence, whether others wait for the run. */
  readonly #fences = new Map<WorkerId, Map<string, boolean>>();
  /** Workers of whose leases nothing is known: those never seen, and those whose last claim ended in an error. */
  readonly #known = new Set<WorkerId>();

  /** Whether the worker may hold what it does not execute. */
  mayHaveForgotten({ workerId, executing }: ClaimRequest): boolean {
    if (executing === undefined) return false;
    if (!this.#known.has(workerId)) return true;
    const handed = this.#fences.get(workerId);
    if (handed === undefined || handed.size === 0) return false;
    const executed = new Set(executing.map(keyOf));
    return [...handed.keys()].some((key) => !executed.has(key));
  }

  /** The database was asked and has given back what was forgotten. */
  know({ workerId, executing = [] }: ClaimRequest): void {
    this.#known.add(workerId);
    const executed = new Set(executing.map(keyOf));
    const handed = this.#fences.get(workerId) ?? new Map<string, boolean>();
    this.#fences.set(workerId, new Map([...handed].filter(([key]) => executed.has(key))));
  }

  /** A claim failed: it may have been committed. */
  doubt(workerId: WorkerId): void {
    this.#known.delete(workerId);
  }

  add(workerId: WorkerId, runs: readonly ClaimedRun[]): void {
    const handed = this.#fences.get(workerId) ?? new Map<string, boolean>();
    this.#fences.set(workerId, handed);
    for (const run of runs) handed.set(keyOf(run), run.hasChildren);
  }

  /** Whether others wait for one of these runs, as far as this process knows. */
  haveChildren(fences: readonly Fence[]): boolean {
    return fences.some((fence) => this.#fences.values().some((handed) => handed.get(keyOf(fence)) === true));
  }

  remove(settlements: readonly Settlement[]): void {
    for (const handed of this.#fences.values()) {
      for (const settlement of settlements) handed.delete(keyOf(settlement));
    }
  }

  forget(workerId: WorkerId): void {
    this.#fences.delete(workerId);
    this.#known.delete(workerId);
  }
}

function keyOf({ runId, epoch }: Fence): string {
  return `${runId}@${epoch}`;
}
