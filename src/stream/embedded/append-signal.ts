// Wakes those who wait for records when some were appended through the same log object.

/** A wait that ends at the next append, or with the caller's signal. */
export interface Woken {
  readonly signal: AbortSignal;
  /** Stops listening. */
  stop(): void;
}

export class AppendSignal {
  readonly #waiting = new Set<() => void>();

  give(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Begins to listen now, so that an append between a look and the wait after it is not missed. */
  next(signal: AbortSignal): Woken {
    const controller = new AbortController();
    const wake = (): void => controller.abort();
    this.#waiting.add(wake);
    signal.addEventListener("abort", wake, { once: true });
    return {
      signal: controller.signal,
      stop: () => {
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", wake);
      },
    };
  }
}
