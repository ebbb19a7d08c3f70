// Reads the bytes of a split, unpacked, into the room that whoever looks at them has.
import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Split } from "./plan-splits.ts";

/** Looks at bytes as they come. */
export interface ByteScanner {
  /** Whether nothing that comes belongs to the split. */
  readonly isDone: boolean;
  /** @param at of the first byte in the file @param isSkipping whether it is in a line that is another split's @param end of the split */
  begin(at: number, isSkipping: boolean, end: number): void;
  /** Room for what is read next. */
  free(): Uint8Array;
  /** Looks at `read` more bytes. */
  scan(read: number): void;
  /** There are no more bytes. */
  finish(): void;
}

/** How others go on between two fillings of the room. */
type Pause = () => Promise<void> | undefined;

/** Reads all lines that start in a split. @throws MillraceError `SOURCE_UNREADABLE` */
export async function readSplit(split: Split, scanner: ByteScanner, pause: Pause): Promise<void> {
  try {
    if (split.file.codec === undefined) await readPlain(split, scanner, pause);
    else await readPacked(split, scanner, pause);
  } catch (error) {
    throw error instanceof MillraceError || !isSystemError(error) ? error : unreadable(split, error);
  }
}

async function readPlain({ file, start, end }: Split, scanner: ByteScanner, pause: Pause): Promise<void> {
  const handle = openSync(file.path, "r");
  try {
    // what starts right at `start` is known by the byte in front of it
    let at = start === 0 ? 0 : start - 1;
    scanner.begin(at, start > 0, end);
    while (!scanner.isDone) {
      const free = scanner.free();
      const read = readSync(handle, free, 0, free.length, at);
      if (read === 0) break;
      at += read;
      scanner.scan(read);
      await pause();
    }
    scanner.finish();
  } finally {
    closeSync(handle);
  }
}

async function readPacked({ file }: Split, scanner: ByteScanner, pause: Pause): Promise<void> {
  const packed = createReadStream(file.path, { highWaterMark: 1 << 18 });
  const decoder = file.codec === "zstd" ? createZstdDecompress() : createGunzip({ chunkSize: 1 << 18 });
  packed.once("error", (error) => decoder.destroy(error));
  packed.pipe(decoder);
  scanner.begin(0, false, Number.POSITIVE_INFINITY);
  try {
    for await (const chunk of decoder as AsyncIterable<Uint8Array>) {
      for (let from = 0; from < chunk.length;) {
        const free = scanner.free();
        const part = chunk.subarray(from, from + free.length);
        free.set(part);
        from += part.length;
        scanner.scan(part.length);
      }
      await pause();
    }
    scanner.finish();
  } finally {
    packed.destroy();
    decoder.destroy();
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "code" in error;
}

function unreadable({ file }: Split, cause: unknown): MillraceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new MillraceError("SOURCE_UNREADABLE", `reading \`${file.name}\`: ${reason}`, {
    hint: "the file is damaged or was not delivered completely; deliver it again",
    cause,
  });
}
