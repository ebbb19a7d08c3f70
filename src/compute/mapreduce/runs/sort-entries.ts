// The order of everything that leaves a table: by hash, then by the bytes of the key, then as they came. It is the same for any number
// of threads, splits and spills, and the parts of the hash space lie one behind the other in it.

/** Keys and what they have, by the number of their entry. */
export interface EntryTable {
  readonly count: number;
  readonly hashes: Int32Array;
  /** Where keys begin in the arena; each ends where the next one begins. */
  readonly starts: Float64Array | Uint32Array;
  readonly arena: Uint8Array;
  /** Of entries that are numbers. */
  readonly numbers: Float64Array;
  /** Of others. */
  readonly values: readonly unknown[];
}

const digits = [
  { shift: 0, bits: 11 },
  { shift: 11, bits: 11 },
  { shift: 22, bits: 10 },
] as const;

/** Pairs of a hash and the entry that has it, for all entries in order. The hash goes along, so that none has to be looked up. */
export function sortEntries(table: EntryTable): Uint32Array {
  const { count, hashes } = table;
  let from = new Uint32Array(count * 2);
  for (let entry = 0; entry < count; entry += 1) {
    from[entry * 2] = hashes[entry] ?? 0;
    from[entry * 2 + 1] = entry;
  }
  let to = new Uint32Array(count * 2);
  for (const digit of digits) {
    sortByDigit(from, to, digit);
    [from, to] = [to, from];
  }
  sortEqualHashes(table, from);
  return from;
}

/** Keeps the order of pairs whose digit is the same. */
function sortByDigit(from: Uint32Array, to: Uint32Array, { shift, bits }: (typeof digits)[number]): void {
  const mask = (1 << bits) - 1;
  const places = new Uint32Array((1 << bits) + 1);
  for (let at = 0; at < from.length; at += 2) {
    const digit = ((from[at] ?? 0) >>> shift) & mask;
    places[digit + 1] = (places[digit + 1] ?? 0) + 2;
  }
  for (let digit = 0; digit < mask; digit += 1) places[digit + 1] = (places[digit + 1] ?? 0) + (places[digit] ?? 0);
  for (let at = 0; at < from.length; at += 2) {
    const hash = from[at] ?? 0;
    const digit = (hash >>> shift) & mask;
    const place = places[digit] ?? 0;
    to[place] = hash;
    to[place + 1] = from[at + 1] ?? 0;
    places[digit] = place + 2;
  }
}

/** Keys of one hash are few, unless they are one key. */
function sortEqualHashes(table: EntryTable, pairs: Uint32Array): void {
  for (let start = 0; start < pairs.length;) {
    const hash = pairs[start];
    let end = start + 2;
    let isOneKey = true;
    while (end < pairs.length && pairs[end] === hash) {
      isOneKey &&= compareKeys(table, pairs[start + 1] ?? 0, pairs[end + 1] ?? 0) === 0;
      end += 2;
    }
    if (!isOneKey) {
      const entries = [...pairs.subarray(start, end)].filter((_, at) => at % 2 === 1);
      // stable, so that values of a key stay as they came
      const sorted = entries.toSorted((a, b) => compareKeys(table, a, b));
      for (const [at, entry] of sorted.entries()) pairs[start + at * 2 + 1] = entry;
    }
    start = end;
  }
}

function compareKeys({ arena, starts }: EntryTable, a: number, b: number): number {
  return compareBytes(arena, starts[a] ?? 0, starts[a + 1] ?? 0, arena, starts[b] ?? 0, starts[b + 1] ?? 0);
}

/** Negative, 0 or positive, as for `sort`; of two texts where one begins with the other, the shorter one is first. */
export function compareBytes(
  a: Uint8Array,
  startA: number,
  endA: number,
  b: Uint8Array,
  startB: number,
  endB: number,
): number {
  const least = Math.min(endA - startA, endB - startB);
  for (let i = 0; i < least; i += 1) {
    const difference = (a[startA + i] ?? 0) - (b[startB + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return endA - startA - (endB - startB);
}
