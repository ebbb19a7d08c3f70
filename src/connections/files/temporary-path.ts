// The hidden name of a file while it is put in its place, where a place has folders and renames.
import { basename, dirname, posix } from "node:path";

/** Beside `path`. Readers pass over names that begin with a dot, and nobody else's file has such a name. */
export function temporaryPath(path: string, owner: string): string {
  return posix.join(dirname(path), `.${basename(path)}.${owner}.millrace`);
}
