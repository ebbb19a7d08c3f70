// How many requests at once a service bears, found by trying: one more after each round that went well, half as many after
// one that was too much. The same rule that TCP shares lines by.

/** Additive increase, multiplicative decrease. */
export class ConcurrencyLimit {
  readonly #max: number;
  #limit: number;
  /** Requests that began before the last decrease say nothing about what holds since then. */
  #decreasedAt = 0;
  #count = 0;

  /** @param max what is declared; it is also where it begins */
  constructor(max: number) {
    this.#max = max;
    this.#limit = max;
  }

  /** Requests that may be under way now, at least 1. */
  get value(): number {
    return Math.floor(this.#limit);
  }

  /** @returns a number to tell how the request went with */
  begin(): number {
    this.#count += 1;
    return this.#count;
  }

  succeed(): void {
    this.#limit = Math.min(this.#max, this.#limit + 1 / this.#limit);
  }

  /** @param begun of the request that was too much */
  overload(begun: number): void {
    if (begun <= this.#decreasedAt) return;
    this.#decreasedAt = this.#count;
    this.#limit = Math.max(1, this.#limit / 2);
  }
}
