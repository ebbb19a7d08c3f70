// "Did you mean": the closest known name, for messages about names that do not exist.

/** `, did you mean \`x\`?` for the closest of `known`, or an empty text when none is close. */
export function suggest(name: string, known: Iterable<string>): string {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = distanceOf(name.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best === undefined ? "" : `, did you mean \`${best}\`?`;
}

// People mix up endings: `retries` for `retry`, `extract` for `extraction`. Words that differ in nothing else go before one
// that is two slips away, such as `metrics`, and after one that is one slip away.
function distanceOf(a: string, b: string, limit: number): number {
  const stem = sharedStart(a, b);
  const distance = editDistance(a, b, limit);
  if (stem < 4) return distance;
  return Math.min(distance, stem >= Math.min(a.length, b.length) - 1 ? 1.5 : 2.5);
}

function sharedStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

// Levenshtein over two rows; stops early once every entry reaches `limit`.
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    if (Math.min(...current) >= limit) return limit;
    previous = current;
  }
  return previous[b.length] ?? limit;
}
