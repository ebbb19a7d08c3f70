// Tells the listeners of this process that something in the store may be worth looking at.

/** What may be worth looking at: runs to claim, requests of people to runs that execute, or schedules. */
export type StoreHint = "ready" | "control" | "schedule";

/** Listeners are called at once, in the order in which they came; what one throws reaches neither the writer nor the others. */
export class HintEmitter {
  readonly #listeners = new Set<(hint: StoreHint) => void>();

  subscribe(listener: (hint: StoreHint) => void): Disposable {
    // The same function may listen twice.
    const own = (hint: StoreHint): void => listener(hint);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  emit(hint: StoreHint): void {
    for (const listener of this.#listeners) {
      try {
        listener(hint);
      } catch {
        // A hint is worth less than the write that caused it.
      }
    }
  }
}
