// A place in the bytes of a block, which moves on with each value.
// @see https://avro.apache.org/docs/1.12.0/specification/#binary-encoding

export class BlockReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** A number in variable length, whose sign is in its last bit. */
  readLong(): bigint {
    let low = 0;
    let at = this.#at;
    // what fits into a double is read as one, which is ten times faster
    for (let shift = 1; shift < 2 ** 49; shift *= 128) {
      const byte = this.#bytes[at] ?? 0x80;
      at += 1;
      low += (byte & 0x7f) * shift;
      if (byte < 0x80) {
        this.#move(at);
        return BigInt(low % 2 === 0 ? low / 2 : -(low + 1) / 2);
      }
    }
    return this.#readLongest();
  }

  readSize(): number {
    const size = Number(this.readLong());
    if (size < 0) throw damaged();
    return size;
  }

  readBytes(size: number): Uint8Array {
    const start = this.#at;
    this.#move(start + size);
    return this.#bytes.subarray(start, start + size);
  }

  /** @throws Error for bytes that are no UTF-8 */
  readText(): string {
    return utf8.decode(this.readBytes(this.readSize()));
  }

  readBoolean(): boolean {
    const [byte] = this.readBytes(1);
    if (byte !== 0 && byte !== 1) throw damaged();
    return byte === 1;
  }

  readFloat(): number {
    this.#move(this.#at + 4);
    return this.#view.getFloat32(this.#at - 4, true);
  }

  readDouble(): number {
    this.#move(this.#at + 8);
    return this.#view.getFloat64(this.#at - 8, true);
  }

  readSymbol(symbols: readonly string[]): string {
    const symbol = symbols[this.readSize()];
    if (symbol === undefined) throw damaged();
    return symbol;
  }

  readBranch<Branch>(branches: readonly Branch[]): Branch {
    const branch = branches[this.readSize()];
    if (branch === undefined) throw damaged();
    return branch;
  }

  /** Calls for each item of a list or a map. */
  readItems(read: () => void): void {
    for (let count = Number(this.readLong()); count !== 0; count = Number(this.readLong())) {
      // a negative count comes with the size of its block
      if (count < 0) this.readLong();
      // items of `null` have no bytes, so that a damaged count is not found by their end
      if (Math.abs(count) > maxItems) throw damaged();
      for (let item = 0; item < Math.abs(count); item += 1) read();
    }
  }

  #readLongest(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const [byte = 0] = this.readBytes(1);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw damaged();
  }

  #move(to: number): void {
    if (to > this.#bytes.length) throw damaged();
    this.#at = to;
  }
}

const maxItems = 100_000_000;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function damaged(): Error {
  return new Error("a block of the file is damaged: its values do not fit its schema");
}
