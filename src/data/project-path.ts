// Paths that jobs write: relative ones belong to the project and stay in it, absolute ones name another place on purpose.
import { isAbsolute, relative, resolve, sep } from "node:path";
import { MillraceError } from "../core/errors.ts";

/** The absolute path. @throws MillraceError `VALUE_INVALID` for a relative path that leads out of `root` */
export function resolveProjectPath(root: string, path: string): string {
  const absolute = resolve(root, path);
  if (!isAbsolute(path)) assertInside(root, absolute, path);
  return absolute;
}

/** @param written the path as the author wrote it, for the message */
export function assertInside(root: string, absolute: string, written: string): void {
  const inside = relative(root, absolute);
  if (inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)) return;
  throw new MillraceError("VALUE_INVALID", `a relative path must stay in the project, got: \`${written}\``, {
    hint: "write the absolute path if a place outside the project is meant",
  });
}
