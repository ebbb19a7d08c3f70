// Trouble of the orchestrator itself inside an attempt: the store was away, or the SQL engine had to start anew because of another run.
// It says nothing about the job, so it neither uses up nor delays a retry: the run goes back and is executed again.
import { MillraceError } from "../../core/errors/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import type { NewEvent } from "../../store/rows/run-records.ts";

const troubleCodes: ReadonlySet<string> = new Set(["STORE_UNAVAILABLE", "ENGINE_RESTARTED"]);

/** What only looks like trouble of the orchestrator, such as a write that is always too slow, is a failure after so many in a row. */
const maxInARow = 12;
const firstPauseMs = 100;
const maxPauseMs = 10_000;
const maxRemembered = 1_000;

/**
 * Tells whether the attempt ended because of the orchestrator. @param storeError the last error that the store gave this attempt; by its code
 * alone a full disk may be the store's or a target's
 */
export function isForeignTrouble(error: MillraceError, storeError: MillraceError | undefined): boolean {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 10; depth += 1) {
    if (current instanceof MillraceError) {
      if (troubleCodes.has(current.code)) return true;
      if (current.code === "DISK_FULL" && current.message === storeError?.message) return true;
    }
    current = current.cause;
  }
  return false;
}

/** How often in a row each run of this process met trouble. */
export class TroubleCount {
  readonly #inARow = new Map<RunId, number>();

  /** Counts one more. @returns how long to wait before the run goes back, or `undefined` when it counts as a failure now */
  add(runId: RunId): number | undefined {
    const before = this.#inARow.get(runId) ?? 0;
    this.#inARow.delete(runId);
    if (before >= maxInARow) return undefined;
    this.#inARow.set(runId, before + 1);
    const [oldest] = this.#inARow.keys();
    if (this.#inARow.size > maxRemembered && oldest !== undefined) this.#inARow.delete(oldest);
    return Math.min(firstPauseMs * 2 ** before, maxPauseMs);
  }

  /** The run ended in another way. */
  clear(runId: RunId): void {
    this.#inARow.delete(runId);
  }
}

/** What is told of it, since the attempt does not count. */
export function toTroubleEvent({ code, message }: MillraceError): NewEvent {
  const text = `the attempt ended because of the orchestrator and not of the job, so it does not count: ${code}: ${message}`;
  return { type: "warning", data: { message: text } };
}
