// Instants of watermarks, which are mostly midnights in UTC, in few letters.

/**
 * `2026-01-03` for a midnight, also at the end of the key of a unit, `2026-01-03 06:00:01` for any other instant, without parts of a
 * second; any other text stays as it is.
 */
export function shortInstant(text: string): string {
  return text.replace("T00:00:00.000Z", "").replace(/(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z$/, "$1 $2");
}
