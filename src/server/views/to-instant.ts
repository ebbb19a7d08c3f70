// Instants on their way to and from the wire: milliseconds inside, ISO text in UTC outside.
import type { Instant } from "../../api/page.ts";

/** `1772344800000` → `"2026-03-01T06:00:00.000Z"`. */
export function toInstant(atMs: number): Instant {
  return new Date(atMs).toISOString();
}

/** The same; null where there is nothing. */
export function toInstantOrNull(atMs: number | undefined): Instant | null {
  return atMs === undefined ? null : toInstant(atMs);
}

/** Converts text that its schema has checked; `undefined` where there is none. */
export function toMs<Text extends Instant | undefined>(instant: Text): Text extends Instant ? number : undefined;
export function toMs(instant: Instant | undefined): number | undefined {
  return instant === undefined ? undefined : Date.parse(instant);
}
