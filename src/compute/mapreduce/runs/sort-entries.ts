// The order of everything that leaves a table: by hash, then by the bytes of the key, then as they came. It is the same for any number
// of threads, splits and spills, and the parts of the hash space lie one behind the other in it.
import type { KeyTable } from "../key-table.ts";

const digits = [
  { shift: 0, bits: 11 },
  { shift: 11, bits: 11 },
  { shift: 22, bits: 10 },
] as const;

/** Indices of all entries in order. */
export function sortEntries(table: KeyTable): Uint32Array {
  const { count, hashes } = table;
  let from = new Uint32Array(count);
  for (let i = 0; i < count; i += 1) from[i] = i;
  let to = new Uint32Array(count);
  for (const { shift, bits } of digits) {
    const mask = (1 << bits) - 1;
    const places = new Uint32Array((1 << bits) + 1);
    for (let i = 0; i < count; i += 1) {
      const digit = ((hashes[i] ?? 0) >>> shift) & mask;
      places[digit + 1] = (places[digit + 1] ?? 0) + 1;
    }
    for (let digit = 0; digit < mask; digit += 1) places[digit + 1] = (places[digit + 1] ?? 0) + (places[digit] ?? 0);
    for (let i = 0; i < count; i += 1) {
      const entry = from[i] ?? 0;
      const digit = ((hashes[entry] ?? 0) >>> shift) & mask;
      const place = places[digit] ?? 0;
      to[place] = entry;
      places[digit] = place + 1;
    }
    [from, to] = [to, from];
  }
  sortEqualHashes(table, from);
  return from;
}

/** Keys of one hash are few, unless they are one key. */
function sortEqualHashes(table: KeyTable, order: Uint32Array): void {
  const { hashes } = table;
  for (let start = 0; start < order.length;) {
    const hash = hashes[order[start] ?? 0];
    let end = start + 1;
    let isOneKey = true;
    while (end < order.length && hashes[order[end] ?? 0] === hash) {
      isOneKey &&= compareKeys(table, order[start] ?? 0, order[end] ?? 0) === 0;
      end += 1;
    }
    if (!isOneKey) {
      // stable, so that values of a key stay as they came
      order.set(
        [...order.subarray(start, end)].toSorted((a, b) => compareKeys(table, a, b)),
        start,
      );
    }
    start = end;
  }
}

function compareKeys({ arena, starts, lengths }: KeyTable, a: number, b: number): number {
  const startA = starts[a] ?? 0;
  const startB = starts[b] ?? 0;
  return compareBytes(arena, startA, startA + (lengths[a] ?? 0), arena, startB, startB + (lengths[b] ?? 0));
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
