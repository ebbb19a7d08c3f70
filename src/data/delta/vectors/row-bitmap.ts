// Numbers of rows in a file as bits, in blocks of as many rows as the engine takes at a time, so that blocks without a row
// need nothing.

/** Rows of a block. */
export const blockRows = 2048;

/** A set of row numbers from 0. */
export class RowBitmap {
  readonly #blocks = new Map<number, Buffer>();
  #count = 0;
  #last = -1;

  /** How many rows are in it. */
  get count(): number {
    return this.#count;
  }

  /** The greatest row number, -1 for none. */
  get last(): number {
    return this.#last;
  }

  /** Bits of the blocks that have a row, the first row in the highest bit. */
  get blocks(): ReadonlyMap<number, Buffer> {
    return this.#blocks;
  }

  /** Adds `length` rows from `first` on, none of which is there yet. */
  addRange(first: number, length: number): void {
    for (let row = first; row < first + length; row += 1) {
      const block = this.#block(Math.floor(row / blockRows));
      const bit = row % blockRows;
      block[bit >> 3] = (block[bit >> 3] ?? 0) | (128 >> (bit & 7));
    }
    this.#count += length;
    this.#last = Math.max(this.#last, first + length - 1);
  }

  #block(index: number): Buffer {
    let block = this.#blocks.get(index);
    if (block === undefined) this.#blocks.set(index, (block = Buffer.alloc(blockRows / 8)));
    return block;
  }
}
