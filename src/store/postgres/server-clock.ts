// Between the clock of this process and that of the database, which alone decides what is due. A worker whose own clock
// is wrong still waits as long as it meant to.

/** Learns the difference of the two clocks from what the database says in passing. */
export class ServerClock {
  readonly #now: () => number;
  #aheadMs = 0;

  /** @param now clock of this process */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The database just said that it is `serverMs`. */
  observe(serverMs: number): void {
    this.#aheadMs = serverMs - this.#now();
  }

  /** The database's time of an instant that this process counted on from its own clock. */
  toServer(processMs: number): number {
    return Math.round(processMs + this.#aheadMs);
  }

  /** The time by this process's clock of an instant of the database. */
  toProcess(serverMs: number): number {
    return Math.round(serverMs - this.#aheadMs);
  }
}
