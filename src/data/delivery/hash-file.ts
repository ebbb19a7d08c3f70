// What the bytes of a file are, by their checksums, in one reading.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

export interface FileHash {
  readonly size: number;
  /** Hexadecimal. */
  readonly md5: string;
  readonly sha256: string;
}

/** Memory does not follow the size of the file. */
export async function hashFile(path: string): Promise<FileHash> {
  const md5 = createHash("md5");
  const sha256 = createHash("sha256");
  let size = 0;
  for await (const part of createReadStream(path, { highWaterMark: 1024 ** 2 }) as AsyncIterable<Uint8Array>) {
    md5.update(part);
    sha256.update(part);
    size += part.length;
  }
  return { size, md5: md5.digest("hex"), sha256: sha256.digest("hex") };
}
