// Instants and spans of time in the sentences that explain runs and schedules.
import { formatDuration } from "../../core/duration.ts";

/** `2026-01-01T06:00:00Z (in 4h)`, or `(4h ago)` for one that has passed. */
export function at(timeMs: number, nowMs: number): string {
  const distance = timeMs >= nowMs ? `in ${lasting(timeMs - nowMs)}` : `${lasting(nowMs - timeMs)} ago`;
  return `${new Date(timeMs).toISOString().replace(/\.\d+Z$/, "Z")} (${distance})`;
}

/** In whole seconds, from one second on. */
export function lasting(ms: number): string {
  return formatDuration(ms < 1_000 ? Math.max(0, ms) : Math.round(ms / 1_000) * 1_000);
}
