// Where a table lies, as clients may know it.
import { basename, isAbsolute, relative, sep } from "node:path";
import type { DatasetView } from "../api/dataset.ts";
import type { DatasetLocation } from "../core/dataset.ts";

/** @param root folder of the project, absolute */
export function toLocation(root: string, location: DatasetLocation): DatasetView["locations"][number] {
  return {
    format: location.format,
    path: toProjectPath(root, location.path),
    table: "table" in location ? location.table : null,
  };
}

// Where the project lies on this machine is nobody's business; of what lies outside of it the name alone is shown.
function toProjectPath(root: string, path: string): string {
  if (!isAbsolute(path)) return path;
  const inside = relative(root, path);
  return inside === "" || inside.startsWith("..") || isAbsolute(inside) ? basename(path) : inside.split(sep).join("/");
}
