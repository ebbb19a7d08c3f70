// A run: entries of one table in order, as bytes. It lies in memory that threads share, so that it outlives the thread that made it, or
// in a file; either way a part of the hash space is a range of it.
import { AttemptFile, type ByteSink } from "../attempt-file.ts";
import { type EntryTable, sortEntries } from "./sort-entries.ts";

/** How values are written down: as a number of eight bytes, or as JSON. */
export type ValueForm = "number" | "json";

export interface Run {
  /** Where its bytes are: shared memory, or the path of a file. */
  readonly place: SharedArrayBuffer | string;
  readonly entries: number;
  /** Where parts of the hash space begin, and where the last one ends; one more than there are parts. */
  readonly offsets: readonly number[];
}

/** What is in front of a key, in bytes: its hash, its length, and its number or the length of its JSON. */
export const headBytes = { number: 16, json: 12 } as const;

export interface WriteRunOptions {
  readonly form: ValueForm;
  /** A power of two. */
  readonly parts: number;
}

/** Puts the entries of a table in order into memory. */
export function writeRunToMemory(table: EntryTable, options: WriteRunOptions): Run {
  const jsons = options.form === "json" ? encodeValues(table) : undefined;
  const keyBytes = table.starts[table.count] ?? 0;
  const jsonBytes = jsons?.reduce((sum, { length }) => sum + length, 0) ?? 0;
  const size = table.count * headBytes[options.form] + keyBytes + jsonBytes;
  const place = new SharedArrayBuffer(size);
  const sink = { bytes: new Uint8Array(place), at: 0, size: 0, room: () => undefined };
  return { place, entries: table.count, offsets: writeEntries(table, options, jsons, sink, () => sink.at) };
}

/** Puts the entries of a table in order into a new file. @throws MillraceError `DISK_FULL` */
export function writeRunToFile(table: EntryTable, path: string, options: WriteRunOptions): Run {
  const jsons = options.form === "json" ? encodeValues(table) : undefined;
  using file = new AttemptFile(path);
  const offsets = writeEntries(table, options, jsons, file, () => file.size);
  file.commit();
  return { place: path, entries: table.count, offsets };
}

function writeEntries(
  table: EntryTable,
  { form, parts }: WriteRunOptions,
  jsons: readonly Uint8Array[] | undefined,
  sink: ByteSink,
  size: () => number,
): readonly number[] {
  const { starts, numbers, arena } = table;
  const offsets: number[] = [];
  const head = headBytes[form];
  // the part of the hash space that a hash is in: its first bits
  const shift = 32 - Math.log2(parts);
  let view = viewOf(sink.bytes);
  const pairs = sortEntries(table);
  for (let pair = 0; pair < pairs.length; pair += 2) {
    const hash = pairs[pair] ?? 0;
    const entry = pairs[pair + 1] ?? 0;
    const from = starts[entry] ?? 0;
    const length = (starts[entry + 1] ?? 0) - from;
    const part = parts === 1 ? 0 : hash >>> shift;
    while (offsets.length <= part) offsets.push(size());
    const json = jsons?.[entry];
    const needed = head + length + (json?.length ?? 0);
    sink.room(needed);
    if (view.buffer !== sink.bytes.buffer) view = viewOf(sink.bytes);
    const { bytes, at } = sink;
    view.setInt32(at, hash, true);
    view.setInt32(at + 4, length, true);
    if (json === undefined) view.setFloat64(at + 8, numbers[entry] ?? 0, true);
    else view.setInt32(at + 8, json.length, true);
    for (let i = 0; i < length; i += 1) bytes[at + head + i] = arena[from + i] ?? 0;
    if (json !== undefined) bytes.set(json, at + head + length);
    sink.at = at + needed;
  }
  while (offsets.length <= parts) offsets.push(size());
  return offsets;
}

function encodeValues({ values }: EntryTable): readonly Uint8Array[] {
  return values.map(encodeJson);
}

/** JSON of a value; what JSON has no word for is null. */
export function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value) ?? "null");
}

function viewOf(bytes: Uint8Array<ArrayBufferLike>): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
