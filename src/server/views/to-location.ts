// Describes where a table lies, in the paths that clients may know.
import { basename, isAbsolute, relative, sep } from "node:path";
import type { DatasetLocationView } from "../../api/datasets/dataset.ts";
import type { DatasetLocation } from "../../core/dataset/dataset.ts";

/** @param root folder of the project, absolute */
export function toLocation(root: string, location: DatasetLocation): DatasetLocationView {
  return {
    format: location.format,
    path: toProjectPath(root, location.path),
    version: "version" in location ? location.version : null,
    table: location.table ?? null,
  };
}

/** Where a table lies, for who is about to delete it: outside of the project with its whole path, since it may be another's. */
export function toExactLocation(root: string, location: DatasetLocation): DatasetLocationView {
  const shown = toLocation(root, location);
  return isOutside(root, location.path) ? { ...shown, path: location.path } : shown;
}

/**
 * A path relative to the project. Where the project lies on this machine is nobody's business; of what lies outside of it
 * the name alone is shown.
 */
export function toProjectPath(root: string, path: string): string {
  if (!isAbsolute(path)) return path;
  return isOutside(root, path) ? basename(path) : relative(root, path).split(sep).join("/");
}

function isOutside(root: string, path: string): boolean {
  if (!isAbsolute(path)) return false;
  const inside = relative(root, path);
  return inside === "" || inside.startsWith("..") || isAbsolute(inside);
}
