// The checksum that HDFS keeps of a file, made of a local one: the MD5 of the MD5s of blocks, each over the CRCs of its chunks. It is
// taken of the whole buffer that Hadoop has gathered those in, whose rest is zeros, so that it is that of no plain list.
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { crc32 } from "node:zlib";
import { crc32c } from "./crc32c.ts";

/** What a cluster says of a file. */
export interface HdfsChecksum {
  /** Such as `MD5-of-0MD5-of-512CRC32C`. */
  readonly algorithm: string;
  /** Hexadecimal. */
  readonly bytes: string;
}

/**
 * Whether a local file has the checksum of a file of the cluster.
 * @param blockBytes length of the blocks of that file
 * @returns `undefined` for an algorithm that is not known here
 */
export async function hasHdfsChecksum(
  path: string,
  { algorithm, bytes }: HdfsChecksum,
  blockBytes: number,
): Promise<boolean | undefined> {
  const [, chunk, variant] = /^MD5-of-\d+MD5-of-(\d+)CRC32(C?)$/.exec(algorithm) ?? [];
  if (chunk === undefined || blockBytes % Number(chunk) !== 0) return undefined;
  // four bytes say how long a chunk is, eight how many there are in a block
  const expected = bytes.slice(24, 56).toLowerCase();
  const hasher = new BlockHasher(Number(chunk), blockBytes, variant === "C" ? crc32c : crc32);
  // whole chunks come at once, as blocks are whole chunks
  const highWaterMark = Number(chunk) * Math.max(1, Math.floor(1024 ** 2 / Number(chunk)));
  for await (const part of createReadStream(path, { highWaterMark }) as AsyncIterable<Buffer>) hasher.update(part);
  return hasher.digest() === expected;
}

class BlockHasher {
  readonly #chunkBytes: number;
  readonly #blockBytes: number;
  readonly #crc: (bytes: Uint8Array) => number;
  readonly #blocks: Buffer[] = [];
  #block: Hash | undefined;
  #inBlock = 0;
  /** Bytes of a chunk that is not whole yet. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunkBytes: number, blockBytes: number, crc: (bytes: Uint8Array) => number) {
    this.#chunkBytes = chunkBytes;
    this.#blockBytes = blockBytes;
    this.#crc = crc;
  }

  update(part: Buffer): void {
    const bytes = this.#rest.length === 0 ? part : Buffer.concat([this.#rest, part]);
    let at = 0;
    for (; at + this.#chunkBytes <= bytes.length; at += this.#chunkBytes) {
      this.#add(bytes.subarray(at, at + this.#chunkBytes));
    }
    this.#rest = bytes.subarray(at);
  }

  digest(): string {
    if (this.#rest.length > 0) this.#add(this.#rest);
    this.#endBlock();
    const sums = Buffer.concat(this.#blocks);
    return createHash("md5")
      .update(sums)
      .update(Buffer.alloc(bufferBytes(sums.length) - sums.length))
      .digest("hex");
  }

  #add(chunk: Buffer): void {
    const sum = Buffer.allocUnsafe(4);
    sum.writeUInt32BE(this.#crc(chunk));
    this.#block ??= createHash("md5");
    this.#block.update(sum);
    this.#inBlock += chunk.length;
    if (this.#inBlock === this.#blockBytes) this.#endBlock();
  }

  #endBlock(): void {
    if (this.#block !== undefined) this.#blocks.push(this.#block.digest());
    this.#block = undefined;
    this.#inBlock = 0;
  }
}

/** Of a buffer that begins with 32 bytes and is twice as long when it is full. */
function bufferBytes(used: number): number {
  let length = 32;
  while (length < used) length *= 2;
  return length;
}
