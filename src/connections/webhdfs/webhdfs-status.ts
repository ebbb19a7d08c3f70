// What WebHDFS answers, as far as it is read.
import { z } from "zod";
import { MillraceError } from "../../core/errors/errors.ts";

/** A file or a folder. */
export interface HdfsStatus {
  readonly pathSuffix: string;
  readonly type: "FILE" | "DIRECTORY" | "SYMLINK";
  readonly length: number;
  readonly modificationTime: number;
  /** The same under another name; not every service gives it. */
  readonly fileId?: number | undefined;
  readonly blockSize?: number | undefined;
  /** What lies encrypted, or in stripes, has another checksum than its bytes. */
  readonly encBit?: boolean | undefined;
  readonly ecBit?: boolean | undefined;
}

const status: z.ZodType<HdfsStatus> = z.object({
  pathSuffix: z.string(),
  type: z.enum(["FILE", "DIRECTORY", "SYMLINK"]),
  length: z.int().nonnegative(),
  modificationTime: z.number(),
  fileId: z.number().optional(),
  blockSize: z.number().optional(),
  encBit: z.boolean().optional(),
  ecBit: z.boolean().optional(),
});

export const oneStatus: z.ZodType<{ readonly FileStatus: HdfsStatus }> = z.object({ FileStatus: status });
export const manyStatuses: z.ZodType<{ readonly FileStatuses: { readonly FileStatus: readonly HdfsStatus[] } }> =
  z.object({ FileStatuses: z.object({ FileStatus: z.array(status) }) });

/** Where the bytes go. */
export const leading: z.ZodType<{ readonly Location: string }> = z.object({ Location: z.string() });

/** Whether something was done. */
export const outcome: z.ZodType<{ readonly boolean: boolean }> = z.object({ boolean: z.boolean() });

export const checksum: z.ZodType<{ readonly FileChecksum: { readonly algorithm: string; readonly bytes: string } }> =
  z.object({ FileChecksum: z.object({ algorithm: z.string(), bytes: z.string() }) });

/** @throws MillraceError `FORMAT_INVALID` for an answer of something else */
export function parseAnswer<T>(schema: z.ZodType<T>, answer: unknown, path: string): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new MillraceError("FORMAT_INVALID", `the answer about \`${path}\` is not that of WebHDFS`, {
    hint: "compare `url` of the connection with the address of the name node",
  });
}

/** Whether a file is the one that had another name before: nobody has written to it since. */
export function isSameFile(one: HdfsStatus, other: HdfsStatus): boolean {
  if (one.fileId !== undefined && other.fileId !== undefined) return one.fileId === other.fileId;
  return one.length === other.length && one.modificationTime === other.modificationTime;
}
