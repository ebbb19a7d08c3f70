// Finds damage of a table that is kept in a file. A missing file is no damage: it is not there before the first
// publication.
import { existsSync } from "node:fs";
import { MillraceError } from "../../core/errors/errors.ts";

/**
 * What is wrong with a file, in the words of `look`; a file that somebody has removed, or that another process has open, is not
 * damaged.
 */
export async function findFileDamage(path: string, look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return existsSync(path) ? await look() : [];
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return error.code === "TARGET_CONFLICT" || error.code === "SOURCE_MISSING" ? [] : [error.message];
  }
}
