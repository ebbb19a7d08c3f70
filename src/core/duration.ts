// Durations as people write them. Public options take the text form; inside, numbers are milliseconds.
import { MillraceError } from "./errors/errors.ts";

/**
 * `"250ms"`, `"30s"`, `"5m"`, `"4h"`, `"3d"`, `"2w"`, or up to three of them, the longest unit first: `"1h30m"`. What the
 * compiler cannot tell, such as a sign or the size of the number, is checked when the option is read.
 */
export type Duration =
  | `${number}${Unit}`
  | `${number}w${number}${"d" | "h" | "m" | "s" | "ms"}`
  | `${number}d${number}${"h" | "m" | "s" | "ms"}`
  | `${number}h${number}${"m" | "s" | "ms"}`
  | `${number}m${number}${"s" | "ms"}`
  | `${number}s${number}ms`
  | `${number}w${number}d${number}${"h" | "m" | "s" | "ms"}`
  | `${number}d${number}h${number}${"m" | "s" | "ms"}`
  | `${number}h${number}m${number}${"s" | "ms"}`
  | `${number}m${number}s${number}ms`;

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof unitMs;

/**
 * Milliseconds of a duration, a whole number ≥ 0. People at a command line may also write spaces and units in any order.
 * @param option name of the option for the message
 * @throws MillraceError `VALUE_INVALID`
 */
export function parseDuration(text: string, option = "duration"): number {
  // A job in plain JavaScript, or with its types stripped, may give a number.
  if (typeof text !== "string") throw invalidDuration(text, option);
  let rest = text.trim();
  let totalMs = 0;
  while (rest !== "") {
    const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)\s*/.exec(rest);
    if (match === null) throw invalidDuration(text, option);
    totalMs += Number(match[1]) * unitMs[match[2] as Unit];
    rest = rest.slice(match[0].length);
  }
  if (text.trim() === "" || !Number.isSafeInteger(Math.round(totalMs))) throw invalidDuration(text, option);
  return Math.round(totalMs);
}

/** The shortest exact text of whole milliseconds ≥ 0: `90_000` → `"1m30s"`. `parseDuration` reads it back. */
export function formatDuration(durationMs: number): string {
  let restMs = Math.round(durationMs);
  if (restMs === 0) return "0ms";
  let text = "";
  for (const unit of ["d", "h", "m", "s", "ms"] as const) {
    const count = Math.floor(restMs / unitMs[unit]);
    if (count > 0) text += `${count}${unit}`;
    restMs -= count * unitMs[unit];
  }
  return text;
}

function invalidDuration(text: unknown, option: string): MillraceError {
  return new MillraceError("VALUE_INVALID", `expected \`${option}\` to be a duration, got: \`${String(text)}\``, {
    hint: 'write a number and a unit (ms, s, m, h, d, w), for example "30s" or "1h30m"',
  });
}
