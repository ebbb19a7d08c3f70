// Bytes of a file in the order in which they come, as many at a time as are asked for.

/** Thrown where a file ends within something. */
export const endOfFile: Error = new Error("the file ends too early");

export class ByteReader implements AsyncDisposable {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** @throws `endOfFile` */
  async read(count: number): Promise<Buffer> {
    if (!(await this.#fill(count))) throw endOfFile;
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  async isAtEnd(): Promise<boolean> {
    return !(await this.#fill(1));
  }

  /** A number of up to 64 bits in variable length, whose sign is in its last bit. */
  async readLong(): Promise<bigint> {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const [byte = 0] = await this.read(1);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw new Error("a number is longer than 64 bits");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return?.();
  }

  async #fill(count: number): Promise<boolean> {
    if (this.#bytes.length - this.#at >= count) return true;
    const parts = [this.#bytes.subarray(this.#at)];
    let have = parts[0]?.length ?? 0;
    while (have < count) {
      const next = await this.#chunks.next();
      if (next.done === true) break;
      parts.push(Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length));
      have += next.value.length;
    }
    this.#bytes = Buffer.concat(parts);
    this.#at = 0;
    return have >= count;
  }
}
