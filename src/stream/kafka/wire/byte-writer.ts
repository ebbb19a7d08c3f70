// Writes the primitives of Kafka's protocol into memory that grows.

/** Appends only, except for numbers whose place was kept. */
export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  /** @param expectedBytes what will about come */
  constructor(expectedBytes: number) {
    this.#bytes = Buffer.allocUnsafe(Math.max(64, expectedBytes));
  }

  get length(): number {
    return this.#length;
  }

  int8(value: number): void {
    const at = this.#grow(1);
    this.#bytes.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#grow(2);
    this.#bytes.writeInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.#grow(4);
    this.#bytes.writeInt32BE(value, at);
  }

  /** A whole number that a double holds. */
  int64(value: number): void {
    const at = this.#grow(8);
    this.#bytes.writeBigInt64BE(BigInt(value), at);
  }

  /** Overwrites what stands at a place that was written before. */
  int32At(place: number, value: number): void {
    this.#bytes.writeInt32BE(value | 0, place);
  }

  unsigned(value: number): void {
    let left = value;
    let at = this.#grow(8);
    const start = at;
    while (left >= 0x80) {
      this.#bytes[at++] = (left % 0x80) | 0x80;
      left = Math.floor(left / 0x80);
    }
    this.#bytes[at++] = left;
    this.#length = start + (at - start);
  }

  signed(value: number): void {
    this.unsigned(value < 0 ? -value * 2 - 1 : value * 2);
  }

  raw(bytes: Uint8Array): void {
    const at = this.#grow(bytes.byteLength);
    this.#bytes.set(bytes, at);
  }

  /** Null has the length −1. */
  sized(bytes: Uint8Array | null): void {
    this.signed(bytes === null ? -1 : bytes.byteLength);
    if (bytes !== null) this.raw(bytes);
  }

  /** All that was written, without a copy. */
  done(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(more: number): number {
    const at = this.#length;
    this.#length += more;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }
}

/** Bytes that a signed number takes. */
export function sizeOfSigned(value: number): number {
  let left = value < 0 ? -value * 2 - 1 : value * 2;
  let size = 1;
  while (left >= 0x80) {
    left = Math.floor(left / 0x80);
    size += 1;
  }
  return size;
}
