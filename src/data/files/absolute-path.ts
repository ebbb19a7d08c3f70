// A path in a file that outlives its process, which must mean the same to whoever reads it.
import { isAbsolute } from "node:path";
import { z } from "zod";

/** Accepts absolute paths that the system can open. */
export const absolutePath: z.ZodString = z.string().refine((path) => isAbsolute(path) && !path.includes("\0"));
