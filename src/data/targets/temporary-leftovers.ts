// Finds what is left of an interrupted publication by formats that make a file under a hidden name and then rename it:
// that hidden file.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { absolutePath } from "../files/absolute-path.ts";
import { syncFolder } from "../files/file-system.ts";
import { isTemporaryFile } from "../files/temporary-file.ts";
import type { Intent, Leftovers } from "../target.ts";

export interface TemporaryIntent extends Intent {
  /** The hidden file beside `path`. */
  readonly temporary: string;
}

/** @param remove removes the hidden file, if it is there */
export function temporaryLeftovers(
  format: string,
  remove: (temporary: string) => Promise<void>,
): Leftovers<TemporaryIntent> {
  return {
    schema: z
      .strictObject({ format: z.literal(format), path: absolutePath, temporary: absolutePath })
      .refine(({ path, temporary }) => isTemporaryFile(temporary, path)),
    async clear({ temporary }) {
      await remove(temporary);
      await syncFolder(dirname(temporary)).catch(() => undefined); // the folder may be gone with its table
    },
    list: async ({ temporary }) => (existsSync(temporary) ? [temporary] : []),
  };
}
