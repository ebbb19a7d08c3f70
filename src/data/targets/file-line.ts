// Work on one file happens one after the other in this process: databases lock whole files, and a line waits without blocking.
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Does `work` when everything on the same file that came before is over, however it ended. */
export async function inLine<T>(path: string, work: () => Promise<T>): Promise<T> {
  const file = toFile(path);
  const before = lines.get(file) ?? Promise.resolve();
  const turn = Promise.withResolvers<void>();
  const line = before.then(() => turn.promise);
  lines.set(file, line);
  await before;
  try {
    return await work();
  } finally {
    if (lines.get(file) === line) lines.delete(file);
    turn.resolve();
  }
}

/** File → the end of the last piece of work in line. */
const lines = new Map<string, Promise<void>>();

/** One name for a file, whatever links lead to it; it need not be there yet. */
function toFile(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(toFile(dirname(path)), basename(path));
  }
}
