// Keys and what they have, outside of the heap: an open-addressing table whose keys are bytes in an arena. Entries keep the order
// in which their keys came; none is ever taken out.

const initialSlots = 1 << 12;
const initialArena = 1 << 16;
/** Slot, hash, place, length and number of an entry, with the slots that are kept free. */
const entryBytes = 28;

/** Grows by itself; the caller looks at `bytes` and starts another one before it grows too far. */
export class KeyTable {
  /** Entries; the next one has this index. */
  count = 0;
  hashes: Int32Array<ArrayBuffer> = new Int32Array(initialSlots >> 1);
  starts: Float64Array<ArrayBuffer> = new Float64Array(initialSlots >> 1);
  lengths: Int32Array<ArrayBuffer> = new Int32Array(initialSlots >> 1);
  /** Numbers of entries, where they are numbers. */
  numbers: Float64Array<ArrayBuffer> = new Float64Array(initialSlots >> 1);
  /** What entries have that are not numbers. */
  readonly values: unknown[] = [];
  arena: Uint8Array<ArrayBuffer> = new Uint8Array(initialArena);
  #slots = new Int32Array(initialSlots);
  #mask = initialSlots - 1;
  #used = 0;
  #valueBytes = 0;

  /** What the table takes, roughly, with what its values were said to take. */
  get bytes(): number {
    return this.#used + this.count * entryBytes + this.#valueBytes;
  }

  /** Counts bytes on the heap. */
  weigh(bytes: number): void {
    this.#valueBytes += bytes;
  }

  /** Forgets all entries and keeps the room that they had. */
  clear(): void {
    this.count = 0;
    this.values.length = 0;
    this.#slots.fill(0);
    this.#used = 0;
    this.#valueBytes = 0;
  }

  /** The entry of a key. It is new when its index is the `count` from before. */
  upsert(source: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(source, start, end);
    const length = end - start;
    let slot = hash & this.#mask;
    for (;;) {
      const entry = (this.#slots[slot] ?? 0) - 1;
      if (entry < 0) break;
      if (this.hashes[entry] === hash && this.lengths[entry] === length && this.#isKey(entry, source, start, length)) {
        return entry;
      }
      slot = (slot + 1) & this.#mask;
    }
    const entry = this.#add(hash, source, start, end);
    this.#slots[slot] = entry + 1;
    if (this.count * 2 > this.#mask) this.#rehash();
    return entry;
  }

  /** An entry of its own for each call, whatever keys there are. */
  append(source: Uint8Array, start: number, end: number): number {
    return this.#add(hashBytes(source, start, end), source, start, end);
  }

  #add(hash: number, source: Uint8Array, start: number, end: number): number {
    const entry = this.count;
    if (entry === this.hashes.length) this.#growEntries();
    this.hashes[entry] = hash;
    this.starts[entry] = this.#used;
    this.lengths[entry] = end - start;
    this.#keep(source, start, end);
    this.count = entry + 1;
    return entry;
  }

  #isKey(entry: number, source: Uint8Array, start: number, length: number): boolean {
    const { arena } = this;
    const at = this.starts[entry] ?? 0;
    for (let i = 0; i < length; i += 1) if (arena[at + i] !== source[start + i]) return false;
    return true;
  }

  #keep(source: Uint8Array, start: number, end: number): void {
    const used = this.#used;
    const length = end - start;
    if (used + length > this.arena.length) {
      const grown = new Uint8Array(Math.max(this.arena.length * 2, used + length));
      grown.set(this.arena.subarray(0, used));
      this.arena = grown;
    }
    const { arena } = this;
    for (let i = 0; i < length; i += 1) arena[used + i] = source[start + i] ?? 0;
    this.#used = used + length;
  }

  #growEntries(): void {
    const size = this.hashes.length * 2;
    this.hashes = copied(new Int32Array(size), this.hashes);
    this.starts = copied(new Float64Array(size), this.starts);
    this.lengths = copied(new Int32Array(size), this.lengths);
    this.numbers = copied(new Float64Array(size), this.numbers);
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.count; entry += 1) {
      let slot = (this.hashes[entry] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry + 1;
    }
    this.#slots = slots;
    this.#mask = mask;
  }
}

/** FNV-1a with a last mix, so that its first bits tell keys apart as well as its last ones. The same everywhere, for ever. */
export function hashBytes(source: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (source[at] ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function copied<Numbers extends Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(
  grown: Numbers,
  from: Numbers,
): Numbers {
  grown.set(from);
  return grown;
}
