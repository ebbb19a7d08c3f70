// The file around Avro's rows: a header with the schema, and blocks that each end with the mark of the file.
// @see https://avro.apache.org/docs/1.12.0/specification/#object-container-files
import { inflateRawSync, crc32, zstdDecompressSync } from "node:zlib";
import type { ByteReader } from "./byte-reader.ts";
import { unpackSnappy } from "./snappy.ts";

export interface AvroHeader {
  /** JSON. */
  readonly schema: string;
  readonly codec: string;
  readonly mark: Buffer;
}

/** Rows that were packed together. */
export interface AvroBlock {
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/** @throws Error for what is no such file */
export async function readHeader(reader: ByteReader): Promise<AvroHeader> {
  const magic = await reader.read(4).catch(() => Buffer.alloc(0));
  if (magic.toString("latin1") !== "Obj\u0001") throw new Error("it is no Avro file: it does not begin as one");
  const facts = new Map<string, string>();
  for (let count = Number(await reader.readLong()); count !== 0; count = Number(await reader.readLong())) {
    // a negative count comes with the size of its block
    if (count < 0) await reader.readLong();
    for (let entry = 0; entry < Math.abs(count); entry += 1) {
      const name = await readText(reader);
      facts.set(name, await readText(reader));
    }
  }
  const schema = facts.get("avro.schema");
  const codec = facts.get("avro.codec") ?? "null";
  if (schema === undefined) throw new Error("the header of the file has no schema");
  if (!(codec in codecs)) throw new Error(`its blocks are packed with \`${codec}\`, of which there is no reader here`);
  return { schema, codec, mark: Buffer.from(await reader.read(16)) };
}

/** All blocks. @throws Error for a block that was cut or changed; a file that was cut between two blocks looks whole */
export async function* readBlocks(reader: ByteReader, { codec, mark }: AvroHeader): AsyncGenerator<AvroBlock, void> {
  const unpack = codecs[codec] ?? codecs["null"];
  while (!(await reader.isAtEnd())) {
    const rows = Number(await reader.readLong());
    const size = Number(await reader.readLong());
    if (rows < 0 || rows > maxBlockBytes || size < 0 || size > maxBlockBytes)
      throw new Error("a block of the file is damaged");
    const packed = Buffer.from(await reader.read(size));
    if (!mark.equals(await reader.read(16))) throw new Error("a block of the file is damaged: its mark is another one");
    yield { rows, bytes: unpack?.(packed) ?? packed };
  }
}

/** A writer keeps a block in memory, too; usual ones have 16 KB to 64 MB. */
const maxBlockBytes = 512 * 1024 ** 2;

async function readText(reader: ByteReader): Promise<string> {
  const size = Number(await reader.readLong());
  if (size < 0 || size > maxHeaderBytes) throw new Error("the header of the file is damaged");
  return (await reader.read(size)).toString();
}

const maxHeaderBytes = 64 * 1024 ** 2;

const codecs: Readonly<Record<string, (packed: Uint8Array) => Uint8Array>> = {
  null: (packed) => packed,
  deflate: (packed) => inflateRawSync(packed, { maxOutputLength: maxBlockBytes }),
  zstandard: (packed) => zstdDecompressSync(packed, { maxOutputLength: maxBlockBytes }),
  snappy: unpackChecked,
};

/** The last four bytes are the checksum of what was packed. */
function unpackChecked(packed: Uint8Array): Uint8Array {
  if (packed.length < 4) throw new Error("a block of snappy is damaged");
  const bytes = unpackSnappy(packed.subarray(0, -4), maxBlockBytes);
  const expected = Buffer.from(packed.buffer, packed.byteOffset + packed.length - 4, 4).readUInt32BE();
  if (crc32(bytes) !== expected) throw new Error("a block of the file is damaged: its checksum is another one");
  return bytes;
}
