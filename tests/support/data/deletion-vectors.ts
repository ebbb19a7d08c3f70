// Writes deletion vectors as the specification has them, for tests: it shares no line with what reads them.
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import type { DeletionVector } from "../../../src/data/delta/log/delta-actions.ts";

/** How the rows of each container are kept; `any` is what takes least. */
export type ContainerKind = "array" | "bits" | "runs" | "any";

/** A `RoaringBitmapArray` in its portable form. @param rows in order, each once */
export function encodeRoaringArray(rows: readonly number[], kind: ContainerKind = "any"): Buffer {
  const buckets = Map.groupBy(rows, (row) => Math.floor(row / 2 ** 32));
  const head = Buffer.alloc(12);
  head.writeUInt32LE(1681511377, 0);
  head.writeBigUInt64LE(BigInt(buckets.size), 4);
  const parts = [...buckets].flatMap(([key, members]) => [
    uint32(key),
    encodeBitmap(
      members.map((row) => row % 2 ** 32),
      kind,
    ),
  ]);
  return Buffer.concat([head, ...parts]);
}

function encodeBitmap(rows: readonly number[], kind: ContainerKind): Buffer {
  const groups = [...Map.groupBy(rows, (row) => Math.floor(row / 65536))];
  const containers = groups.map(([key, members]) => {
    const values = members.map((row) => row % 65536);
    return { key, count: values.length, ...encodeContainer(values, kind) };
  });
  const hasRuns = containers.some(({ isRuns }) => isRuns);
  const flags = Buffer.alloc(hasRuns ? Math.ceil(containers.length / 8) : 0);
  for (const [index, { isRuns }] of containers.entries())
    if (isRuns) flags.writeUInt8(flags.readUInt8(index >> 3) | (1 << (index & 7)), index >> 3);
  const cookie = hasRuns
    ? [uint32(12347 + (containers.length - 1) * 65536), flags]
    : [uint32(12346), uint32(containers.length)];
  const heads = containers.flatMap(({ key, count }) => [uint16(key), uint16(count - 1)]);
  const hasPlaces = !hasRuns || containers.length >= 4;
  let place = Buffer.concat([...cookie, ...heads]).length + (hasPlaces ? 4 * containers.length : 0);
  const places = containers.map(({ bytes }) => {
    const at = uint32(place);
    place += bytes.length;
    return at;
  });
  return Buffer.concat([...cookie, ...heads, ...(hasPlaces ? places : []), ...containers.map(({ bytes }) => bytes)]);
}

function encodeContainer(values: readonly number[], kind: ContainerKind): { bytes: Buffer; isRuns: boolean } {
  const runs: [start: number, more: number][] = [];
  for (const value of values) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] + 1 === value) last[1] += 1;
    else runs.push([value, 0]);
  }
  if (kind === "runs" || (kind === "any" && runs.length * 4 + 2 < Math.min(values.length * 2, 8192))) {
    return { isRuns: true, bytes: Buffer.concat([uint16(runs.length), ...runs.flat().map(uint16)]) };
  }
  // the number of rows alone says which of these two it is
  if (values.length <= 4096) return { isRuns: false, bytes: Buffer.concat(values.map(uint16)) };
  const bytes = Buffer.alloc(8192);
  for (const value of values) bytes.writeUInt8(bytes.readUInt8(value >> 3) | (1 << (value & 7)), value >> 3);
  return { isRuns: false, bytes };
}

/** A vector that is in the log itself. */
export function inlineVector(rows: readonly number[], kind?: ContainerKind): DeletionVector {
  const bytes = encodeRoaringArray(rows, kind);
  const padded = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  return { storageType: "i", pathOrInlineDv: encodeZ85(padded), sizeInBytes: bytes.length, cardinality: rows.length };
}

/** Vectors in one file, one after the other; `folder` is below the table, `""` for its own. */
export function storedVectors(
  tablePath: string,
  vectors: readonly (readonly number[])[],
  { folder = "", absolute = false }: { folder?: string; absolute?: boolean } = {},
): DeletionVector[] {
  const id = randomUUID();
  const path = join(tablePath, folder, `deletion_vector_${id}.bin`);
  const parts: Buffer[] = [Buffer.from([1])];
  const stored = vectors.map((rows) => {
    const bytes = encodeRoaringArray(rows);
    const offset = Buffer.concat(parts).length;
    parts.push(uint32BE(bytes.length), bytes, uint32BE(crc32(bytes)));
    const place = absolute
      ? { storageType: "p", pathOrInlineDv: path }
      : { storageType: "u", pathOrInlineDv: `${folder}${encodeZ85(Buffer.from(id.replaceAll("-", ""), "hex"))}` };
    return { ...place, offset, sizeInBytes: bytes.length, cardinality: rows.length };
  });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.concat(parts));
  return stored;
}

export function encodeZ85(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) {
    let value = bytes.readUInt32BE(at);
    let group = "";
    for (let digit = 0; digit < 5; digit += 1) {
      group = (alphabet[value % 85] ?? "") + group;
      value = Math.floor(value / 85);
    }
    text += group;
  }
  return text;
}

const alphabet = `${"0123456789"}${"abcdefghijklmnopqrstuvwxyz"}${"ABCDEFGHIJKLMNOPQRSTUVWXYZ"}.-:+=^!/*?&<>()[]{}@%$#`;

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint32BE(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
