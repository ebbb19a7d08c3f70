// Work on many things, some of them at once.

/**
 * The results, in the order of the items. The first failure ends it: what is under way is waited for, and nothing new is begun.
 * @param parallel how many are worked on at once
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  parallel: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const rest = items.entries();
  let isFailed = false;
  const worker = async (): Promise<void> => {
    for (const [index, item] of rest) {
      if (isFailed) return;
      try {
        results[index] = await work(item, index);
      } catch (error) {
        isFailed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(parallel, items.length) }, worker));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return results;
}
