// A file in parts that are read at the same time, each going on where it was interrupted, so that a slow or shaky line costs little.
import { type FileHandle, open } from "node:fs/promises";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Download } from "./file-service.ts";
import { isTransient, maxTries, restAfter } from "./retry-transient.ts";

/** Bytes of a file, from one place to before another. */
export interface FilePart {
  readonly from: number;
  readonly to: number;
}

export interface PartReader {
  readonly size: number;
  readonly partBytes: number;
  /** Parts that are read at once. */
  readonly parallel: number;
  /** Gives the bytes of a part in order; fewer than were asked for are taken for an interruption. */
  read(part: FilePart, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/**
 * Writes a file that must not be there yet.
 * @param name of the file for messages
 * @throws MillraceError what a part fails with that is not transient, or that comes again and again
 */
export async function downloadParts(
  name: string,
  to: string,
  reader: PartReader,
  { signal, onBytes }: Download,
): Promise<void> {
  const handle = await open(to, "wx");
  const stop = new AbortController();
  const all = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const parts = listParts(reader);
  const work = async (): Promise<void> => {
    for (const part of parts) await readPart(name, handle, part, { reader, signal: all, onBytes });
  };
  try {
    const workers = Array.from({ length: reader.parallel }, async () => {
      try {
        await work();
      } catch (error) {
        // the others end before the file is closed
        stop.abort(error);
        throw error;
      }
    });
    const ends = await Promise.allSettled(workers);
    signal?.throwIfAborted();
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) throw stop.signal.reason;
  } finally {
    await handle.close();
  }
}

/** One iterator for all workers, so that each part is read by one of them. */
function* listParts({ size, partBytes }: PartReader): Generator<FilePart> {
  for (let from = 0; from < size; from += partBytes) yield { from, to: Math.min(size, from + partBytes) };
}

interface PartContext {
  readonly reader: PartReader;
  readonly signal: AbortSignal;
  readonly onBytes: Download["onBytes"];
}

async function readPart(
  name: string,
  handle: FileHandle,
  { from, to }: FilePart,
  { reader, signal, onBytes }: PartContext,
): Promise<void> {
  let at = from;
  for (let interruptions = 0; at < to;) {
    signal.throwIfAborted();
    const before = at;
    try {
      for await (const bytes of reader.read({ from: at, to }, signal)) {
        if (at + bytes.length > to) throw tooMany(name);
        await writeAll(handle, bytes, at);
        at += bytes.length;
        onBytes?.(bytes.length);
      }
      if (at < to) throw endedEarly(name, at);
    } catch (error) {
      signal.throwIfAborted();
      interruptions = at > before ? 1 : interruptions + 1;
      if (interruptions >= maxTries || !isTransient(error)) throw error;
      await restAfter(interruptions, signal);
    }
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

function endedEarly(name: string, at: number): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `\`${name}\` ended at byte ${at}, before its end`, {
    disposition: "retry",
    hint: changedHint,
  });
}

function tooMany(name: string): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `more bytes came of \`${name}\` than were asked for`);
}

/** @returns what to throw when a file is not the one that was found */
export function changedFile(name: string, what: string): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `the file changed while it was read: \`${name}\`, ${what}`, {
    disposition: "retry",
    hint: changedHint,
  });
}

const changedHint = "let deliveries write under another name and rename the file when it is complete; or set `settled`";
