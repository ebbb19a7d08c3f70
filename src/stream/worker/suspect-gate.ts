// Lets one partition of a run at a time go through what a lost owner had in hand, with nothing else in hand meanwhile: so that a
// process that dies counts against one record, and not against all that were near.

interface Waiting {
  readonly partition: number;
  readonly tries: number;
  readonly resolve: () => void;
}

/** Of one run. */
export class SuspectGate {
  readonly #suspects = new Map<number, number>();
  #waiting: Waiting[] = [];
  #current: number | undefined;
  #open = Promise.withResolvers<void>();

  /** A partition comes that was lost with records in hand. @param tries how often */
  register(partition: number, tries: number): void {
    this.#suspects.set(partition, tries);
  }

  /** Whether a partition has to wait for others. */
  isTaken(partition: number): boolean {
    return this.#current !== undefined || this.#first() !== partition;
  }

  /** Resolves when it is the turn of the partition: the one that was lost most often comes first. */
  async enter(partition: number): Promise<void> {
    if (this.isTaken(partition)) {
      const tries = this.#suspects.get(partition) ?? 0;
      await new Promise<void>((resolve) => void this.#waiting.push({ partition, tries, resolve }));
    }
    this.#current = partition;
  }

  /** A partition has gone through its records, or was left. */
  leave(partition: number): void {
    this.#suspects.delete(partition);
    if (this.#current === partition) this.#current = undefined;
    const next = this.#first();
    if (next === undefined) {
      this.#open.resolve();
      this.#open = Promise.withResolvers();
      return;
    }
    if (this.#current !== undefined) return;
    const waiting = this.#waiting.find((candidate) => candidate.partition === next);
    this.#waiting = this.#waiting.filter((candidate) => candidate !== waiting);
    if (waiting === undefined) return;
    this.#current = next;
    waiting.resolve();
  }

  /** Resolves when no partition has such records. */
  async opened(): Promise<void> {
    while (this.#suspects.size > 0) await this.#open.promise;
  }

  #first(): number | undefined {
    const [first] = [...this.#suspects].toSorted(([a, triesA], [b, triesB]) => triesB - triesA || a - b);
    return first?.[0];
  }
}
