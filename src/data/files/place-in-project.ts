// Paths for people: those of the project without its folder.
import { relative } from "node:path";

/** The path relative to the project where it lies inside. */
export function placeInProject(root: string, path: string): string {
  const inside = relative(root, path);
  return inside.startsWith("..") ? path : inside;
}
