// Bytes of a file in a request: read while they are sent, and never sent whole when they are others than were announced.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { MillraceError } from "../../core/errors/errors.ts";

/** A file of this machine. */
export interface FileContent {
  /** Absolute. */
  readonly file: string;
  /** What people call it. */
  readonly name: string;
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Its last part comes when all of them are those that were announced. @throws MillraceError `SOURCE_UNREADABLE`, to be tried again */
export async function* readFileContent({ file, name, sha256 }: FileContent): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  let held: Buffer | undefined;
  for await (const part of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    hash.update(part);
    if (held !== undefined) yield held;
    held = part;
  }
  if (hash.digest("hex") !== sha256) {
    throw new MillraceError("SOURCE_UNREADABLE", `the file changed while it was sent: \`${name}\``, {
      disposition: "retry",
      hint: "let whoever makes it write under another name, and rename it when it is complete",
    });
  }
  if (held !== undefined) yield held;
}
