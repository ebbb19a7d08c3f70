// Reads the primitives of Kafka's protocol from one piece of memory. 64-bit numbers come out as numbers: offsets, times and
// producer ids of real clusters are far below 2^53.

/** Moves forward through bytes; values are views, never copies. */
export class ByteReader {
  readonly bytes: Buffer;
  position: number;

  constructor(bytes: Buffer, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  int8(): number {
    return this.bytes.readInt8(this.#move(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.#move(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.#move(4));
  }

  int64(): number {
    const at = this.#move(8);
    return this.bytes.readInt32BE(at) * 0x1_0000_0000 + this.bytes.readUInt32BE(at + 4);
  }

  /** A length or count of compact fields. */
  unsigned(): number {
    const { bytes } = this;
    let byte = bytes[this.position++] as number;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 0x80;
    do {
      byte = bytes[this.position++] as number;
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte >= 0x80);
    return value;
  }

  /** Zigzag, as in records; also the 64-bit ones. */
  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Bytes behind a signed length; −1 stands for none. */
  sized(): Buffer | null {
    const length = this.signed();
    return length < 0 ? null : this.take(length);
  }

  take(length: number): Buffer {
    const at = this.#move(length);
    return this.bytes.subarray(at, at + length);
  }

  /** Eight groups of digits with dashes, as people write UUIDs. */
  uuid(): string {
    const hex = this.take(16).toString("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** Fields that this version of a message may have or not; none of them matters here. */
  skipTags(): void {
    for (let left = this.unsigned(); left > 0; left -= 1) {
      this.unsigned();
      this.#move(this.unsigned());
    }
  }

  #move(length: number): number {
    const at = this.position;
    this.position += length;
    return at;
  }
}
