// Decompression of LZ4 frames, in which Arrow files have their buffers. Checksums are optional in frames and not looked at.
// @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md

/** @param maxBytes that may come out @throws Error for a damaged frame */
export function unpackLz4(packed: Uint8Array, maxBytes: number): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  if (packed.length < 7 || view.getUint32(0, true) !== 0x184d2204) throw damaged();
  const flags = packed[4] ?? 0;
  const [hasBlockSum, hasSize, hasDictionary] = [(flags & 16) !== 0, (flags & 8) !== 0, (flags & 1) !== 0];
  if (hasDictionary) throw new Error("a buffer of lz4 needs a dictionary");
  const out = new GrowingBytes(maxBytes);
  for (let at = 7 + (hasSize ? 8 : 0); ;) {
    if (at + 4 > packed.length) throw damaged();
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) return out.take();
    const end = at + (size & 0x7fffffff);
    if (end > packed.length) throw damaged();
    const block = packed.subarray(at, end);
    if (size >>> 31 === 1) out.append(block);
    else unpackBlock(block, out);
    at = end + (hasBlockSum ? 4 : 0);
  }
}

/** Texts that are new, each followed by a place further back to repeat; the last one has nothing behind it. */
function unpackBlock(block: Uint8Array, out: GrowingBytes): void {
  for (let at = 0; at < block.length;) {
    const token = block[at] ?? 0;
    const literal = readLength(block, at + 1, token >> 4);
    const end = literal.next + literal.length;
    if (end > block.length) throw damaged();
    out.append(block.subarray(literal.next, end));
    if (end === block.length) return;
    const offset = (block[end] ?? 0) + (block[end + 1] ?? 0) * 256;
    const match = readLength(block, end + 2, token & 15);
    if (match.next > block.length) throw damaged();
    out.repeat(offset, match.length + 4);
    at = match.next;
  }
}

/** A length of 15 goes on in the bytes behind it, up to the first that is not 255. */
function readLength(
  block: Uint8Array,
  start: number,
  base: number,
): { readonly length: number; readonly next: number } {
  if (base !== 15) return { length: base, next: start };
  let length = base;
  for (let at = start; at < block.length; at += 1) {
    const byte = block[at] ?? 0;
    length += byte;
    if (byte !== 255) return { length, next: at + 1 };
  }
  throw damaged();
}

class GrowingBytes {
  readonly #maxBytes: number;
  #bytes = new Uint8Array(64 * 1024);
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  append(bytes: Uint8Array): void {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** The bytes may overlap: what was just copied is copied again. */
  repeat(offset: number, length: number): void {
    if (offset === 0 || offset > this.#length) throw damaged();
    this.#grow(length);
    const bytes = this.#bytes;
    const from = this.#length - offset;
    for (let index = 0; index < length; index += 1) bytes[this.#length + index] = bytes[from + index] ?? 0;
    this.#length += length;
  }

  take(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(count: number): void {
    const needed = this.#length + count;
    if (needed > this.#maxBytes) throw new Error(`a buffer is larger than ${this.#maxBytes} bytes`);
    if (needed <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }
}

function damaged(): Error {
  return new Error("a buffer of lz4 is damaged");
}
