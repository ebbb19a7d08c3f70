// Rows of an engine in files, in V8's own form: what `map` gets on an executor is what it gets here, integers of 64 bits and bytes
// included, which JSON has no words for.
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { MillraceError } from "../../../core/errors/errors.ts";
import { AttemptFile } from "../../mapreduce/attempt-file.ts";
import type { RowChunk } from "../../mapreduce/column-batch.ts";

const fileBytes = 32 << 20;
const headBytes = 4;

/** A file of rows. */
export interface RowFile {
  readonly path: string;
  /** The number of its first row among all, from 0. */
  readonly first: number;
  readonly bytes: number;
}

/** Puts all rows into files of about 32 MB, in their order. @throws MillraceError `DISK_FULL`, whatever the signal aborts with */
export async function writeRowFiles(
  rows: AsyncIterable<RowChunk>,
  folder: string,
  signal: AbortSignal,
): Promise<readonly RowFile[]> {
  const files: RowFile[] = [];
  let open: { readonly file: AttemptFile; readonly path: string; readonly first: number } | undefined;
  let count = 0;
  const finish = (): void => {
    if (open === undefined) return;
    const { file, path, first } = open;
    const bytes = file.size;
    file.commit();
    files.push({ path, first, bytes });
    open = undefined;
  };
  try {
    for await (const chunk of rows) {
      signal.throwIfAborted();
      if (open === undefined) {
        const path = join(folder, `rows-${String(files.length).padStart(5, "0")}`);
        open = { file: new AttemptFile(path), path, first: count };
      }
      writeChunk(open.file, chunk);
      count += chunk.length;
      if (open.file.size >= fileBytes) finish();
    }
    finish();
    return files;
  } finally {
    open?.file[Symbol.dispose]();
  }
}

/** Rows of a file, in the chunks that they were written in. @throws MillraceError `SOURCE_UNREADABLE` for a file that was cut */
export function* readRowFile(path: string): Generator<RowChunk, void> {
  const handle = openSync(path, "r");
  try {
    const head = Buffer.alloc(headBytes);
    for (let read = readInto(handle, head); read > 0; read = readInto(handle, head)) {
      const chunk = Buffer.alloc(read < headBytes ? 0 : head.readUInt32LE());
      if (read < headBytes || readInto(handle, chunk) < chunk.length) throw cutShort(path);
      yield deserialize(chunk) as RowChunk;
    }
  } finally {
    closeSync(handle);
  }
}

function writeChunk(file: AttemptFile, chunk: RowChunk): void {
  const bytes = serialize(chunk);
  file.room(headBytes + bytes.length);
  Buffer.from(file.bytes.buffer, file.bytes.byteOffset).writeUInt32LE(bytes.length, file.at);
  file.bytes.set(bytes, file.at + headBytes);
  file.at += headBytes + bytes.length;
}

/** Fills the buffer as far as there are bytes. */
function readInto(handle: number, buffer: Buffer): number {
  let filled = 0;
  while (filled < buffer.length) {
    const read = readSync(handle, buffer, filled, buffer.length - filled, null);
    if (read === 0) break;
    filled += read;
  }
  return filled;
}

function cutShort(path: string): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `rows for executors end too early, got: \`${path}\``, {
    hint: "look whether the folder that executors share is full or was touched",
  });
}
