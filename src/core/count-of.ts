// Writes a count with its noun ("1 run", "2 runs") for messages and logs.

/** `(1, "row")` → `1 row`, `(2, "row")` → `2 rows`; for nouns whose plural ends in `s`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
