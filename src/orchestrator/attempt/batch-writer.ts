// Group commit: callers that arrive while a write is under way share the next one.

interface Pending<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes items in batches of at most `maxBatch`, one batch at a time, in order of arrival. */
export class BatchWriter<Item, Result> {
  readonly #writeBatch: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #maxBatch: number;
  #pending: Pending<Item, Result>[] = [];
  #writing = false;

  /** @param writeBatch returns one result an item, in order; when it rejects, every item of the batch does */
  constructor(writeBatch: (items: readonly Item[]) => Promise<readonly Result[]>, maxBatch = 500) {
    this.#writeBatch = writeBatch;
    this.#maxBatch = maxBatch;
  }

  /** Resolves with the item's result once its batch is written. */
  write(item: Item): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#pending.push({ item, resolve, reject });
    if (!this.#writing) void this.#drain();
    return promise;
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    // One turn of the microtask queue lets callers of the same moment join the first batch.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0, this.#maxBatch);
      try {
        const results = await this.#writeBatch(batch.map(({ item }) => item));
        for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = false;
  }
}
