// Writes messages in the wire format of Protocol Buffers: the few kinds of fields that Spark Connect's requests have.
// @see https://protobuf.dev/programming-guides/encoding/

/** Appends fields in the order of the calls; a value that is `undefined` is left out. */
export class MessageWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  text(field: number, value: string | undefined): this {
    return this.bytes(field, value === undefined ? undefined : Buffer.from(value, "utf8"));
  }

  bytes(field: number, value: Uint8Array | undefined): this {
    if (value === undefined) return this;
    this.#append(writeVarint((field << 3) | lengthDelimited));
    this.#append(writeVarint(value.length));
    this.#append(value);
    return this;
  }

  /** An `int32`, `int64` or enum. @param value a whole number that a double holds; a negative one takes ten bytes */
  whole(field: number, value: number | undefined): this {
    if (value === undefined) return this;
    this.#append(writeVarint((field << 3) | varint));
    this.#append(writeVarint(value));
    return this;
  }

  flag(field: number, value: boolean | undefined): this {
    return this.whole(field, value === undefined ? undefined : Number(value));
  }

  message(field: number, value: MessageWriter | undefined): this {
    return this.bytes(field, value?.finish());
  }

  /** One entry of a map from text to text for each property. */
  textMap(field: number, values: Readonly<Record<string, string>>): this {
    for (const [key, value] of Object.entries(values)) {
      this.message(field, new MessageWriter().text(1, key).text(2, value));
    }
    return this;
  }

  finish(): Uint8Array {
    return Buffer.concat(this.#parts, this.#length);
  }

  #append(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
  }
}

const varint = 0;
const lengthDelimited = 2;

function writeVarint(value: number): Uint8Array {
  let left = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (left >= 0x80n) {
    bytes.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  bytes.push(Number(left));
  return Uint8Array.from(bytes);
}
