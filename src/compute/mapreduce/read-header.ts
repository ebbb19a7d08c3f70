// What a task has to know of a file beside its own range: the header of CSV, and which line something is in.
import { closeSync, openSync, readSync } from "node:fs";
import { MillraceError } from "../../core/errors/errors.ts";
import { CsvRecord, ViewPool } from "./byte-view.ts";
import { scanLines } from "./line-scanner.ts";
import type { MapFile } from "./plan-splits.ts";

const bufferBytes = 1 << 20;

/** The names of the columns in the first line of a file. @throws MillraceError `SOURCE_UNREADABLE` */
export async function readHeader(file: MapFile, separator: string, maxLineBytes: number): Promise<readonly string[]> {
  let columns: readonly string[] = [];
  const split = { index: 0, file, start: 0, end: 1 };
  await scanLines(split, maxLineBytes, {
    line: (bytes, start, end, at) => {
      if (at > 0) return;
      const record = new CsvRecord(new ViewPool(), separator.charCodeAt(0), []);
      record.bytes = bytes;
      record.start = hasMark(bytes, start, end) ? start + 3 : start;
      record.end = end;
      if (!record.split()) throw noHeader(file);
      columns = record.texts();
    },
    tooLong: () => {
      throw noHeader(file);
    },
    pause: () => undefined,
  });
  return columns;
}

/** From 1: which line of a plain file starts at a byte. */
export function lineNumberAt(path: string, at: number): number {
  const handle = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(bufferBytes);
    let lines = 1;
    for (let from = 0; from < at;) {
      const read = readSync(handle, buffer, 0, Math.min(buffer.length, at - from), from);
      if (read === 0) break;
      for (let found = buffer.indexOf(10); found >= 0 && found < read; found = buffer.indexOf(10, found + 1))
        lines += 1;
      from += read;
    }
    return lines;
  } finally {
    closeSync(handle);
  }
}

/** Whether bytes begin with the mark of UTF-8, which is no part of the first line. */
export function hasMark(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf;
}

function noHeader({ name }: MapFile): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `\`${name}\` does not begin with a header of CSV`, {
    hint: "the first line names the columns",
  });
}
