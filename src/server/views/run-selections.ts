// Frozen selections of runs, kept in the memory of this process for ten minutes: whoever acts on many runs acts on exactly
// those that were counted. A selection belongs to the token that made it, is used once, and is gone with the process.
import { randomBytes } from "node:crypto";
import type { BulkAction } from "../../api/control.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { RunId } from "../../core/run-id.ts";

export interface RunSelection {
  readonly action: BulkAction;
  readonly runIds: readonly RunId[];
}

/** Runs of one selection. */
export const maxSelectedRuns = 10_000;
export const selectionTtlMs = 600_000;
const maxOfOwner = 20;
const maxInAll = 500;

interface KeptSelection extends RunSelection {
  readonly owner: string;
  readonly expiresAtMs: number;
}

/** At most 20 for each token: the oldest makes room. */
export class RunSelections {
  readonly #now: () => number;
  readonly #kept = new Map<string, KeptSelection>();

  /** @param now of a clock that never goes back, in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @returns the id that `take` asks for */
  add(owner: string, selection: RunSelection): string {
    this.#forgetOld(owner);
    const id = randomBytes(16).toString("base64url");
    this.#kept.set(id, { ...selection, owner, expiresAtMs: this.#now() + selectionTtlMs });
    return id;
  }

  /**
   * Hands a selection out, once.
   * @throws MillraceError `SELECTION_UNKNOWN` when there is none of this owner or it has another count; then it stays
   */
  take(id: string, owner: string, count: number): RunSelection {
    const kept = this.#kept.get(id);
    if (kept === undefined || kept.owner !== owner || kept.expiresAtMs <= this.#now()) {
      throw new MillraceError("SELECTION_UNKNOWN", "the selection of runs expired, was used, or is another caller's", {
        hint: "select the runs again; selections last ten minutes and end with the server",
      });
    }
    if (kept.runIds.length !== count) {
      const message = `expected \`count\` to be that of the selection, \`${kept.runIds.length}\`, got: \`${count}\``;
      throw new MillraceError("SELECTION_UNKNOWN", message, { hint: "select the runs again" });
    }
    this.#kept.delete(id);
    return kept;
  }

  // In order of adding, so that the first ones are the oldest.
  #forgetOld(owner: string): void {
    for (const [id, { expiresAtMs }] of this.#kept) if (expiresAtMs <= this.#now()) this.#kept.delete(id);
    const own = [...this.#kept].filter(([, kept]) => kept.owner === owner).map(([id]) => id);
    for (const id of own.slice(0, Math.max(0, own.length + 1 - maxOfOwner))) this.#kept.delete(id);
    for (const id of [...this.#kept.keys()].slice(0, Math.max(0, this.#kept.size + 1 - maxInAll)))
      this.#kept.delete(id);
  }
}
