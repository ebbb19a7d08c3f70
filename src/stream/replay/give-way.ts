// How a replay leaves the machine to the records that come meanwhile: while its topic grows, it works a share of the time.
import type { Clock } from "../../core/clock.ts";

/** A topic that has grown is taken to grow for so long. */
const liveMs = 5_000;
/** It works no longer than so at a stretch: what comes meanwhile waits for the rest of it. */
const stretchMs = 2;
/** Of rest for each part of work: a ninth of one processor at most. */
const restPerWork = 8;
/** Between two looks more is no work: something was waited for. */
const longestMs = 50;

/** Of one run of a replay, for all of its partitions: they share one thread, so one that works keeps the others waiting, too. */
export class GiveWay {
  readonly #clock: Pick<Clock, "now">;
  readonly #ends = new Map<number, number>();
  #liveUntilMs = -Infinity;
  #countedToMs = -Infinity;
  #workedMs = 0;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Tells where a partition of the topic ends now. */
  see(partition: number, end: number): void {
    const before = this.#ends.get(partition);
    this.#ends.set(partition, end);
    if (before !== undefined && end > before) this.#liveUntilMs = this.#clock.now() + liveMs;
  }

  /** To be called every few records by each partition. @returns how long it is to rest now, in milliseconds; mostly 0 */
  restMs(): number {
    const nowMs = this.#clock.now();
    if (nowMs >= this.#liveUntilMs) {
      this.#workedMs = 0;
      this.#countedToMs = nowMs;
      return 0;
    }
    // another partition began it
    if (nowMs < this.#countedToMs) return this.#countedToMs - nowMs;
    this.#workedMs += Math.min(nowMs - this.#countedToMs, longestMs);
    this.#countedToMs = nowMs;
    if (this.#workedMs < stretchMs) return 0;
    const restMs = this.#workedMs * restPerWork;
    this.#workedMs = 0;
    this.#countedToMs = nowMs + restMs;
    return restMs;
  }
}
