// Numbers, durations and instants as people read them: short, with their unit, the same width while they change.

/** `842 ms`, `12.4 s`, `3 m 05 s`, `2 h 07 m`, `4 d 3 h`: two units at most. */
export function formatMs(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 59.5) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const wholeSeconds = Math.round(seconds);
  if (wholeSeconds < 3_600) return `${Math.floor(wholeSeconds / 60)} m ${pad(wholeSeconds % 60)} s`;
  const minutes = Math.round(wholeSeconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `in 5 m`, `5 m ago`, `now`: one unit, rounded down, since an age is never more than it is. */
export function formatAge(differenceMs: number): string {
  const ms = Math.abs(differenceMs);
  if (ms < 1_000) return "now";
  const text = coarseMs(ms);
  return differenceMs < 0 ? `in ${text}` : `${text} ago`;
}

/** `1,204,332`. */
export function formatCount(count: number): string {
  return counts.format(count);
}

/** `1.2 M`, for narrow places; the exact count belongs into a title. */
export function formatShortCount(count: number): string {
  return count < 10_000 ? formatCount(count) : shortCounts.format(count);
}

/** `1.4 GB`, of thousand. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `1,240/s`, `0.8/s`. */
export function formatRate(perSecond: number): string {
  return `${perSecond >= 10 ? formatCount(Math.round(perSecond)) : perSecond.toFixed(1)}/s`;
}

/** `21 Nov, 14:03:07` in the reader's zone; the year only when it is another one than `nowMs`. */
export function formatInstant(
  instant: string | number,
  nowMs: number,
  precision: "minute" | "second" = "second",
): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return "";
  const isThisYear = date.getFullYear() === new Date(nowMs).getFullYear();
  const day = (isThisYear ? days : daysOfYears).format(date);
  return `${day}, ${(precision === "minute" ? minutes : seconds).format(date)}`;
}

/** `14:03` in the reader's zone. */
export function formatClock(instant: string | number): string {
  return minutes.format(new Date(instant));
}

const counts = new Intl.NumberFormat("en");
const shortCounts = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const daysOfYears = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const minutes = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const seconds = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

function coarseMs(ms: number): string {
  const wholeSeconds = Math.floor(ms / 1_000);
  if (wholeSeconds < 60) return `${wholeSeconds} s`;
  const wholeMinutes = Math.floor(wholeSeconds / 60);
  if (wholeMinutes < 60) return `${wholeMinutes} m`;
  const hours = Math.floor(wholeMinutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
