// Chooses the files of a table that are worth writing again: small ones that fit into one, those with deleted rows, and, where
// rows are to be sorted, those of partitions in which they are not.
import type { AddFile } from "../log/delta-actions.ts";

export interface OptimizeWish {
  /** Columns by which rows are sorted within each partition; none: rows stay in their order. */
  readonly sort: readonly string[];
  /** How large files are to become. */
  readonly targetBytes: number;
}

/** Files of one partition whose rows are written together. */
export interface RewriteGroup {
  readonly files: readonly AddFile[];
  readonly bytes: number;
}

/** Tag of a file in the log: the columns that its rows were sorted by, with those of the other files of its partition. */
export const sortedTag = "millrace.sorted";

/** What to write again; nothing when the table is as it should be. Each file is in one group at most. */
export function planRewrites(files: readonly AddFile[], wish: OptimizeWish): RewriteGroup[] {
  const partitions = Map.groupBy(files, partitionKey);
  return [...partitions.values()].flatMap((members) =>
    wish.sort.length === 0 ? packSmallFiles(members, wish) : sortPartition(members, wish),
  );
}

/** The same for all files of one partition. */
function partitionKey({ partitionValues }: AddFile): string {
  return JSON.stringify(Object.entries(partitionValues).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Neighbours in the log are packed together: their rows came together. */
function packSmallFiles(files: readonly AddFile[], { targetBytes }: OptimizeWish): RewriteGroup[] {
  const groups: AddFile[][] = [[]];
  let bytes = 0;
  for (const file of files.filter((candidate) => candidate.size < targetBytes || hasDeletedRows(candidate))) {
    if (bytes > 0 && bytes + file.size > targetBytes) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(file);
    bytes += file.size;
  }
  return groups.filter((group) => group.length > 1 || group.some(hasDeletedRows)).map(toGroup);
}

/** Rows are in order only when they were sorted together, so that one file that was not makes all of them new. */
function sortPartition(files: readonly AddFile[], { sort, targetBytes }: OptimizeWish): RewriteGroup[] {
  const wanted = JSON.stringify(sort);
  const isSorted = files.every((file) => file.tags?.[sortedTag] === wanted && !hasDeletedRows(file));
  const group = toGroup(files);
  const isTight = files.length <= Math.ceil(group.bytes / targetBytes);
  return isSorted && isTight ? [] : [group];
}

function hasDeletedRows({ deletionVector }: AddFile): boolean {
  return deletionVector !== undefined && deletionVector !== null;
}

function toGroup(files: readonly AddFile[]): RewriteGroup {
  return { files, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}
