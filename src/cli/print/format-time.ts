// Instants as a person reads them: local clock time, and how long ago.

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `14:03:09` for today, `Nov 20 14:03` for this year, else `2025-11-20 14:03`; in the machine's time zone. */
export function formatInstant(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const now = new Date(nowMs);
  const clock = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  if (at.toDateString() === now.toDateString()) return `${clock}:${pad(at.getSeconds())}`;
  if (at.getFullYear() === now.getFullYear()) return `${months[at.getMonth()] ?? ""} ${at.getDate()} ${clock}`;
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${clock}`;
}

/** `just now`, `12 s ago`, `2 min ago`, `3 h ago`, `5 d ago`; `in 2 min` for the future. */
export function formatAgo(atMs: number, nowMs: number): string {
  const distance = formatDistance(Math.abs(nowMs - atMs));
  if (distance === undefined) return "just now";
  return atMs > nowMs ? `in ${distance}` : `${distance} ago`;
}

/** `14:03:09 (2 min ago)`. */
export function formatWhen(atMs: number, nowMs: number): string {
  return `${formatInstant(atMs, nowMs)} (${formatAgo(atMs, nowMs)})`;
}

/** `14:03:09.123`, for lines that follow each other closely; with the date when that is not today's. */
export function formatLogTime(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const clock = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${pad(at.getMilliseconds(), 3)}`;
  if (at.toDateString() === new Date(nowMs).toDateString()) return clock;
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${clock}`;
}

/** The time zone of all instants that are written here, such as `Europe/Berlin`. */
export function clockZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** ISO text, or null for a time that has not come. */
export function toIso(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString();
}

// Rounded down: `59 min` becomes `1 h` only when the hour is full.
function formatDistance(distanceMs: number): string | undefined {
  const seconds = Math.floor(distanceMs / 1_000);
  if (seconds < 2) return undefined;
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

function pad(value: number, digits: number = 2): string {
  return String(value).padStart(digits, "0");
}
