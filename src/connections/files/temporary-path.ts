// The hidden name of a file while it is put in its place, where a place has folders and renames.
import { createHash } from "node:crypto";
import { basename, dirname, posix } from "node:path";

/** Beside `path`. Readers pass over names that begin with a dot, and nobody else's file has such a name. */
export function temporaryPath(path: string, owner: string): string {
  return posix.join(dirname(path), hiddenName(basename(path), owner));
}

/** Of a file that is called `name`. It is no longer than names may be, also where that one is nearly so long. */
export function hiddenName(name: string, owner: string): string {
  const isLong = Buffer.byteLength(name) > longestName;
  const shown = isLong ? createHash("sha256").update(name).digest("hex").slice(0, 32) : name;
  return `.${shown}.${owner}.millrace`;
}

/** Bytes, of the 255 that file systems take. */
const longestName = 180;
