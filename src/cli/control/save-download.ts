// Writes a file that an operation answers with. It is there under its name when it is whole, and not before.
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { MillraceError } from "../../core/errors/errors.ts";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { formatBytes } from "../print/format-value.ts";

/** @param to a path, from the folder of the project; a file there gives way. @throws MillraceError `USAGE_INVALID` where it cannot be written */
export async function saveDownload(
  { terminal, cwd }: Pick<CommandContext, "terminal" | "cwd">,
  bytes: AsyncIterable<Uint8Array>,
  { to }: { readonly to: string },
): Promise<ExitCode> {
  const path = resolve(cwd, to);
  const part = `${path}.part`;
  const file = createWriteStream(part);
  try {
    await pipeline(Readable.from(bytes), file);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    if (!isOfFile(error)) throw error;
    throw new MillraceError("USAGE_INVALID", `cannot write \`${to}\`: ${error.code}`, { cause: error });
  }
  terminal.note(`${to}: ${formatBytes(file.bytesWritten)}`);
  return exitCodes.ok;
}

function isOfFile(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}
