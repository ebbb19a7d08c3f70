// Work that is spread over copies of the repository, as many as there are processors for.
import { availableParallelism } from "node:os";
import { copyRepository, type RepositoryCopy } from "./repository-copy.ts";

/** Copies that are there at once; each runs one command after the other. Disposing it removes them. */
export interface RepositoryCopies extends AsyncDisposable {
  /** Does `work` for each item in the copy that is free first. Rejects with the first failure, when all copies have stopped. */
  each<Item>(items: readonly Item[], work: (copy: RepositoryCopy, item: Item) => Promise<void>): Promise<void>;
}

// More would hold each other up: suites start servers and processes of their own.
const maxCopies = 2;

/** Makes them, and does `prepare` in each. @throws Error when the repository cannot be copied */
export async function copyRepositories(
  prepare?: (copy: RepositoryCopy) => Promise<unknown>,
): Promise<RepositoryCopies> {
  const count = Math.min(maxCopies, availableParallelism());
  const copies = await Promise.all(Array.from({ length: count }, () => copyRepository()));
  await Promise.all(copies.map(async (copy) => await prepare?.(copy)));
  return {
    async each(items, work) {
      const left = items.values();
      const ended = await Promise.allSettled(
        copies.map(async (copy) => {
          for (const item of left) await work(copy, item);
        }),
      );
      for (const end of ended) if (end.status === "rejected") throw end.reason;
    },
    async [Symbol.asyncDispose]() {
      for (const copy of copies) await copy[Symbol.asyncDispose]();
    },
  };
}
