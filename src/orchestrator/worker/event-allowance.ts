// Keeps a flood of events out of a run's history: so many a second, the rest is counted and told.
import type { NewEvent } from "../../store/rows/run-records.ts";

const perSecond = 100;

/** The allowance of one attempt. */
export class EventAllowance {
  readonly #now: () => number;
  #windowStartMs = -Infinity;
  #used = 0;
  #dropped = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Those of the events that may be written now, with a notice of what was dropped before them. */
  take(events: readonly NewEvent[]): readonly NewEvent[] {
    const nowMs = this.#now();
    if (nowMs - this.#windowStartMs >= 1_000 || nowMs < this.#windowStartMs) {
      this.#windowStartMs = nowMs;
      this.#used = 0;
    }
    const room = perSecond - this.#used;
    if (room <= 0) {
      this.#dropped += events.length;
      return [];
    }
    const notice = this.takeNotice();
    const kept = events.slice(0, room);
    this.#used += kept.length;
    this.#dropped += events.length - kept.length;
    return [...notice, ...kept];
  }

  /** One event that tells how many were dropped since the last; none when none were. */
  takeNotice(): readonly NewEvent[] {
    if (this.#dropped === 0) return [];
    const count = this.#dropped;
    this.#dropped = 0;
    return [{ type: "events_dropped", data: { count } }];
  }
}
