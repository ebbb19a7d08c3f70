// Hidden files beside a target: what a publication makes there until it is whole. Nobody else's file has such a name.
import { basename, dirname, join } from "node:path";
import { hiddenName } from "../../connections/files/temporary-path.ts";

/** The hidden file of a run beside `path`. */
export function temporaryFile(path: string, runKey: string): string {
  return join(dirname(path), hiddenName(basename(path), runKey));
}

/** Tells whether `temporary` is the hidden file of some run beside `path`, and so ours to delete. */
export function isTemporaryFile(temporary: string, path: string): boolean {
  const [, runKey] = /\.(r\d+-[0-9a-z]+)\.millrace$/.exec(temporary) ?? [];
  return runKey !== undefined && temporary === temporaryFile(path, runKey);
}
