// How many of a thing, in words that messages and logs can hold.

/** `(1, "row")` → `1 row`, `(2, "row")` → `2 rows`; for nouns whose plural ends in `s`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
