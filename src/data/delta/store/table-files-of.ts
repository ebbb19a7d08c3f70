// From the path of a table to whatever holds its files.
import { createLocalFiles } from "./local-files.ts";
import type { TableFiles } from "./table-files.ts";

/** @param tablePath absolute */
export function tableFilesOf(tablePath: string): TableFiles {
  return createLocalFiles(tablePath);
}

/** Does work on files of this machine, given the paths of files of one table; copies are gone afterwards. */
export async function withLocalCopies<T>(
  paths: readonly string[],
  work: (paths: readonly string[]) => Promise<T>,
): Promise<T> {
  return await work(paths);
}
