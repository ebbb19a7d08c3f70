// Parts of a table that are read at once.

/** All parts; the first that fails ends the others by `stop`, which are waited for. */
export async function allOrStop<T>(parts: readonly Promise<T>[], stop: AbortController): Promise<T[]> {
  try {
    return await Promise.all(parts);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(parts);
    throw error;
  }
}
