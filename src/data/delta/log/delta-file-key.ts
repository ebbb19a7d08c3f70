// Says when two actions mean the same file: a file whose deleted rows changed leaves the table and enters it in one commit, in
// any order, with another deletion vector.
// @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#action-reconciliation
import type { AddFile, RemoveFile } from "./delta-actions.ts";
import { decodePath } from "./delta-path.ts";

/** Equal for actions on one file with one deletion vector, and for no others. */
export function fileKey({ path, deletionVector }: Pick<AddFile | RemoveFile, "path" | "deletionVector">): string {
  const place = decodePath(path);
  if (deletionVector === undefined || deletionVector === null) return place;
  const { storageType, pathOrInlineDv, offset } = deletionVector;
  return `${place}\0${storageType}${pathOrInlineDv}@${offset ?? ""}`;
}
