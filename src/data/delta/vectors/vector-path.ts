// Where the file of a deletion vector is. A file that is named after an id has its name from 20 characters, with a folder before.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { AddFile, DeletionVector } from "../log/delta-actions.ts";
import { decodeZ85 } from "./z85.ts";

/** The path as a log has paths: relative to the table, or absolute; `undefined` for a vector that is in the log itself. */
export function vectorPath({ storageType, pathOrInlineDv }: DeletionVector): string | undefined {
  if (storageType === "p") return pathOrInlineDv;
  if (storageType !== "u") return undefined;
  const folder = pathOrInlineDv.slice(0, -idLength);
  const id = decodeZ85(pathOrInlineDv.slice(-idLength))?.toString("hex");
  if (id?.length !== 32) {
    throw new MillraceError("DELTA_CORRUPT", `a deletion vector has no id of a file, got: \`${pathOrInlineDv}\``);
  }
  const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return `${folder === "" ? "" : `${encodeURIComponent(folder)}/`}deletion_vector_${uuid}.bin`;
}

/** The paths in the log of a data file and of the file with its vector. */
export function logPathsOf({ path, deletionVector }: Pick<AddFile, "path" | "deletionVector">): string[] {
  const vector = deletionVector ? vectorPath(deletionVector) : undefined;
  return vector === undefined ? [path] : [path, vector];
}

/** Characters of an id of 16 bytes. */
const idLength = 20;
