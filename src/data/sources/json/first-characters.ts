// The beginning of a text file, also of a compressed one: whether there is a byte order mark, and what comes after it.
import { open } from "node:fs/promises";
import { isArchive, openBytes } from "../whole-archives.ts";

export interface FirstCharacters {
  /** Whether the file begins with the byte order mark of UTF-8. */
  readonly hasMark: boolean;
  /** Some characters after mark and white space; empty when the file has no more. */
  readonly text: string;
}

/** Reads the first 4 KiB. */
export async function readFirstCharacters(file: string): Promise<FirstCharacters> {
  const bytes = isArchive(file) ? await unpackStart(file) : await readStart(file);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const hasMark = text.startsWith(mark);
  return { hasMark, text: (hasMark ? text.slice(1) : text).trimStart() };
}

const mark = "\uFEFF";
const startBytes = 4096;

async function readStart(file: string): Promise<Uint8Array> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(new Uint8Array(startBytes), 0, startBytes, 0);
  return buffer.subarray(0, bytesRead);
}

/** What cannot be unpacked has no beginning; the engine says what is wrong with it. */
async function unpackStart(file: string): Promise<Uint8Array> {
  try {
    for await (const chunk of openBytes(file)) return chunk.subarray(0, startBytes);
  } catch {
    return new Uint8Array();
  }
  return new Uint8Array();
}
