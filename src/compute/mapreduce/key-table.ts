// Keys and what they have, outside of the heap: an open-addressing table whose keys are bytes in an arena. Entries keep the order
// in which their keys came; none is ever taken out.

const initialSlots = 1 << 12;
const initialArena = 1 << 16;
/** Two slots, hash, place and number of an entry. */
const entryBytes = 36;

/** Grows by itself; the caller looks at `bytes` and starts another one before it grows too far. */
export class KeyTable {
  /** Entries; the next one has this index. */
  count = 0;
  hashes: Int32Array<ArrayBuffer> = new Int32Array(initialSlots >> 1);
  /** Where keys begin in the arena; each ends where the next one begins. */
  starts: Float64Array<ArrayBuffer> = new Float64Array((initialSlots >> 1) + 1);
  /** Numbers of entries, where they are numbers. */
  numbers: Float64Array<ArrayBuffer> = new Float64Array(initialSlots >> 1);
  /** What entries have that are not numbers. */
  readonly values: unknown[] = [];
  arena: Uint8Array<ArrayBuffer> = new Uint8Array(initialArena);
  /** Pairs of an entry, from 1, and its hash: keys that are others are mostly told apart without a look at them. */
  #slots = new Int32Array(initialSlots * 2);
  #mask = initialSlots - 1;
  #valueBytes = 0;

  /** What the table takes, roughly, with what its values were said to take. */
  get bytes(): number {
    return (this.starts[this.count] ?? 0) + this.count * entryBytes + this.#valueBytes;
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
    this.#valueBytes = 0;
  }

  /** Forgets all entries, and gives the room back that they had. */
  release(): void {
    const { hashes, starts, numbers, arena } = new KeyTable();
    Object.assign(this, { hashes, starts, numbers, arena });
    this.#slots = new Int32Array(initialSlots * 2);
    this.#mask = initialSlots - 1;
    this.clear();
  }

  /** The entry of a key. It is new when its index is the `count` from before. */
  upsert(source: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(source, start, end);
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = hash & mask;
    for (;;) {
      const entry = (slots[slot * 2] ?? 0) - 1;
      if (entry < 0) break;
      if (slots[slot * 2 + 1] === hash && this.#isKey(entry, source, start, end)) return entry;
      slot = (slot + 1) & mask;
    }
    const entry = this.#add(hash, source, start, end);
    slots[slot * 2] = entry + 1;
    slots[slot * 2 + 1] = hash;
    if (this.count * 2 > mask) this.#rehash();
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
    this.#keep(entry, source, start, end);
    this.count = entry + 1;
    return entry;
  }

  #isKey(entry: number, source: Uint8Array, start: number, end: number): boolean {
    const { arena, starts } = this;
    const at = starts[entry] ?? 0;
    const length = end - start;
    if ((starts[entry + 1] ?? 0) - at !== length) return false;
    for (let i = 0; i < length; i += 1) if (arena[at + i] !== source[start + i]) return false;
    return true;
  }

  #keep(entry: number, source: Uint8Array, start: number, end: number): void {
    const used = this.starts[entry] ?? 0;
    const length = end - start;
    if (used + length > this.arena.length) {
      const grown = new Uint8Array(Math.max(this.arena.length * 2, used + length));
      grown.set(this.arena.subarray(0, used));
      this.arena = grown;
    }
    const { arena } = this;
    for (let i = 0; i < length; i += 1) arena[used + i] = source[start + i] ?? 0;
    this.starts[entry + 1] = used + length;
  }

  #growEntries(): void {
    const size = this.hashes.length * 2;
    this.hashes = copied(new Int32Array(size), this.hashes);
    this.starts = copied(new Float64Array(size + 1), this.starts);
    this.numbers = copied(new Float64Array(size), this.numbers);
  }

  #rehash(): void {
    const { hashes, count } = this;
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length / 2 - 1;
    for (let entry = 0; entry < count; entry += 1) {
      const hash = hashes[entry] ?? 0;
      let slot = hash & mask;
      while (slots[slot * 2] !== 0) slot = (slot + 1) & mask;
      slots[slot * 2] = entry + 1;
      slots[slot * 2 + 1] = hash;
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
