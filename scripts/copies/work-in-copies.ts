// Work that is spread over copies of the repository, as many as there are processors for.
import { cp } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { copyRepository, type RepositoryCopy } from "./repository-copy.ts";

/** Copies that are there at once; each runs one command after the other. Disposing it removes them. */
export interface RepositoryCopies extends AsyncDisposable {
  /** Does `work` for each item in the copy that is free first. Rejects with the first failure, when all copies have stopped. */
  each<Item>(items: readonly Item[], work: (copy: RepositoryCopy, item: Item) => Promise<void>): Promise<void>;
}

// More would hold each other up: suites start servers and processes of their own.
const maxCopies = 2;

export interface Preparation {
  /** Done in the first copy. */
  readonly work: (copy: RepositoryCopy) => Promise<void>;
  /** Folders that it makes, which the other copies get. */
  readonly makes: readonly string[];
}

/** Makes them. @throws Error when the repository cannot be copied, and what the preparation throws */
export async function copyRepositories({ work, makes }: Partial<Preparation> = {}): Promise<RepositoryCopies> {
  const count = Math.min(maxCopies, availableParallelism());
  const copies = await Promise.all(Array.from({ length: count }, () => copyRepository({ keepsRunner: true })));
  const remove = async (): Promise<void> => {
    for (const copy of copies) await copy[Symbol.asyncDispose]();
  };
  const [first, ...others] = copies;
  try {
    if (first !== undefined) await work?.(first);
    for (const { folder } of others)
      for (const made of makes ?? [])
        await cp(join(first?.folder ?? "", made), join(folder, made), { recursive: true });
  } catch (error) {
    await remove();
    throw error;
  }
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
    [Symbol.asyncDispose]: remove,
  };
}
