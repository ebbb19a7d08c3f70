// From the path of a table to whatever holds its files.
import { basename, dirname, join } from "node:path";
import { parsePlace } from "../../files/recorded-place.ts";
import { withScratch } from "../../files/scratch-folder.ts";
import { toLogPath } from "../log/delta-path.ts";
import { createBucketFiles } from "./bucket-files.ts";
import { createLocalFiles } from "./local-files.ts";
import type { TableFiles } from "./table-files.ts";

/** @param tablePath absolute, or recorded for one behind a connection */
export function tableFilesOf(tablePath: string): TableFiles {
  const place = parsePlace(tablePath);
  return place === undefined ? createLocalFiles(tablePath) : createBucketFiles(place);
}

/** Does work on files of this machine, given the paths of files in one folder; copies are gone afterwards. */
export async function withLocalCopies<T>(
  paths: readonly string[],
  work: (paths: readonly string[]) => Promise<T>,
): Promise<T> {
  const folder = dirname(paths[0] ?? "");
  const place = parsePlace(folder);
  if (place === undefined) return await work(paths);
  return await withScratch(async (scratch) => {
    const names = paths.map((path) => basename(path));
    const copies = await createBucketFiles(place).open(names.map(toLogPath), scratch, {});
    return await work(names.map((name) => join(copies, name)));
  });
}
