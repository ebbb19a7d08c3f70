// Instants of watermarks, which are mostly midnights in UTC, as short as they are exact.

/** `2026-01-03` for a midnight, also at the end of the key of a unit, `2026-01-03 06:00` for a whole minute; any other text stays as it is. */
export function shortInstant(instant: string): string {
  return instant.replace("T00:00:00.000Z", "").replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):00(?:\.0+)?Z$/, "$1 $2");
}
