// Decompression of a block of Snappy in its bare form.
// @see https://github.com/google/snappy/blob/main/format_description.txt

/** @param maxBytes that may come out @throws Error for a damaged block */
export function unpackSnappy(packed: Uint8Array, maxBytes: number): Uint8Array {
  const { length, start } = readLength(packed);
  if (length > maxBytes) throw new Error(`a block of ${length} bytes is larger than ${maxBytes}`);
  const out = new Uint8Array(length);
  let at = start;
  let to = 0;
  while (at < packed.length) {
    const tag = packed[at] ?? 0;
    at += 1;
    const element = (tag & 3) === 0 ? readLiteral(packed, at, tag) : readCopy(packed, at, tag);
    at = element.next;
    if (to + element.length > length) throw damaged();
    if (element.offset === 0) {
      if (at + element.length > packed.length) throw damaged();
      out.set(packed.subarray(at, at + element.length), to);
      at += element.length;
    } else {
      if (element.offset > to || at > packed.length) throw damaged();
      // the bytes may overlap: what was just copied is copied again
      for (let index = 0; index < element.length; index += 1) out[to + index] = out[to + index - element.offset] ?? 0;
    }
    to += element.length;
  }
  if (to !== length) throw damaged();
  return out;
}

interface Element {
  readonly length: number;
  /** How far back the bytes to repeat are; 0 for bytes that follow. */
  readonly offset: number;
  /** Behind the head of the element. */
  readonly next: number;
}

function readLength(packed: Uint8Array): { readonly length: number; readonly start: number } {
  let length = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = packed[at];
    if (byte === undefined) throw damaged();
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { length, start: at + 1 };
  }
  throw damaged();
}

function readLiteral(packed: Uint8Array, at: number, tag: number): Element {
  const size = tag >> 2;
  if (size < 60) return { length: size + 1, offset: 0, next: at };
  return { length: readNumber(packed, at, size - 59) + 1, offset: 0, next: at + size - 59 };
}

function readCopy(packed: Uint8Array, at: number, tag: number): Element {
  const [length, offset, next] =
    (tag & 3) === 1
      ? [((tag >> 2) & 7) + 4, (tag >> 5) * 256 + readNumber(packed, at, 1), at + 1]
      : (tag & 3) === 2
        ? [(tag >> 2) + 1, readNumber(packed, at, 2), at + 2]
        : [(tag >> 2) + 1, readNumber(packed, at, 4), at + 4];
  if (offset === 0) throw damaged();
  return { length, offset, next };
}

function readNumber(packed: Uint8Array, at: number, bytes: number): number {
  let value = 0;
  for (let index = 0; index < bytes; index += 1) value += (packed[at + index] ?? 0) * 256 ** index;
  return value;
}

function damaged(): Error {
  return new Error("a block of snappy is damaged");
}
