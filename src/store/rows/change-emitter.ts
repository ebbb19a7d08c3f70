// Tells the listeners of this process that something in the store may be worth looking at.

/** What may be worth looking at: runs to claim, requests of people to runs that execute, schedules, or messages to send. */
export type StoreChange = "ready" | "control" | "schedule" | "notice";

/** Listeners are called at once, in the order in which they came; what one throws reaches neither the writer nor the others. */
export class ChangeEmitter {
  readonly #listeners = new Set<(change: StoreChange) => void>();

  subscribe(listener: (change: StoreChange) => void): Disposable {
    // The same function may listen twice.
    const own = (change: StoreChange): void => listener(change);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  emit(change: StoreChange): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch {
        // A change is worth less than the write that caused it.
      }
    }
  }
}
