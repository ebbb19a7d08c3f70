// A folder of staged rows beside a table on another file system than the project, as the journal of a publication has it.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { z } from "zod";
import { absolutePath } from "../files/absolute-path.ts";
import { isOutsideFolder } from "../files/staging-folders.ts";
import type { Leftovers } from "../target.ts";

/** What the journal calls it, beside the names of formats. */
export const outsideFolder = "staging";

export const outsideLeftovers: Leftovers = {
  schema: z.strictObject({ format: z.literal(outsideFolder), path: absolutePath.refine(isOutsideFolder) }),
  clear: ({ path }) => rm(path, { recursive: true, force: true }),
  list: async ({ path }) => (existsSync(path) ? [path] : []),
};
