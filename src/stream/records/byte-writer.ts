// Writes numbers and bytes into a buffer that grows. A number takes one byte for each seven bits.

export class ByteWriter {
  #bytes: Buffer;
  #at = 0;

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  /** @param value an integer from 0 to 2^53 - 1 */
  number(value: number): void {
    this.#reserve(8);
    let rest = value;
    // Bit operations are for 32 bits.
    while (rest > 0x0fffffff) {
      this.#bytes[this.#at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.#bytes[this.#at++] = (rest & 127) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#at++] = rest;
  }

  /** @param value an integer of at most 52 bits; small ones of either sign are short */
  signed(value: number): void {
    this.number(value < 0 ? -value * 2 - 1 : value * 2);
  }

  /** With their length; null is told apart from none. */
  bytes(value: Uint8Array | null): void {
    if (value === null) {
      this.number(0);
      return;
    }
    this.number(value.byteLength + 1);
    this.#reserve(value.byteLength);
    this.#bytes.set(value, this.#at);
    this.#at += value.byteLength;
  }

  /** What was written, without a copy. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #reserve(more: number): void {
    const needed = this.#at + more;
    if (needed <= this.#bytes.byteLength) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.byteLength * 2));
    grown.set(this.written());
    this.#bytes = grown;
  }
}
