// Limits how many log lines are kept between two writes. Errors have a share of their own, so that no flood of other
// lines hides them.
import type { LogLevel } from "../../store/rows/run-records.ts";

/** Counts lines until it is cleared. */
export class LineQuota {
  readonly #max: number;
  #errors = 0;
  #others = 0;
  #dropped = 0;

  /** @param max of errors, and again of all other lines */
  constructor(max: number) {
    this.#max = max;
  }

  /** @returns whether there is room for a line of this level; if not, it is counted as dropped */
  take(level: LogLevel): boolean {
    const isError = level === "error";
    if ((isError ? this.#errors : this.#others) >= this.#max) {
      this.#dropped += 1;
      return false;
    }
    if (isError) this.#errors += 1;
    else this.#others += 1;
    return true;
  }

  /** Counts a line as dropped for which there was room here but not elsewhere. */
  drop(): void {
    this.#dropped += 1;
  }

  /** Gives the room of a line back. */
  giveBack(level: LogLevel): void {
    if (level === "error") this.#errors -= 1;
    else this.#others -= 1;
  }

  /** How many lines were dropped since it was last asked. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}
