// Half-open intervals of logical time. A window never includes its end, so that neighbours do not overlap.
import { MillraceError } from "../errors/errors.ts";
import { parseIsoInstant, toEpochMs } from "./iso-instant.ts";

/** [`from`, `to`) in UTC, both as ISO-8601 instants with milliseconds and `Z`. */
export interface Window {
  readonly from: string;
  readonly to: string;
}

/**
 * A window from two dates (`2026-01-01`) or instants (`2026-01-01T06:00:00Z`); a date means its midnight in UTC.
 * @throws MillraceError `VALUE_INVALID` when either is no real date or `from` is not before `to`
 */
export function parseWindow(from: string, to: string): Window {
  const window = { from: parseInstant(from, "from"), to: parseInstant(to, "to") };
  if (window.from >= window.to) {
    throw new MillraceError(
      "VALUE_INVALID",
      `expected window \`from\` to be before \`to\`, got: \`${from}\` and \`${to}\``,
    );
  }
  return window;
}

/** Tells whether an instant lies in the window. */
export function isInWindow(window: Window, instant: string): boolean {
  const value = parseInstant(instant, "instant");
  return window.from <= value && value < window.to;
}

/** The gap-free windows of `stepMs` milliseconds that cover the window; the last one may be shorter. */
export function* splitWindow(window: Window, stepMs: number): Generator<Window> {
  if (!Number.isSafeInteger(stepMs) || stepMs <= 0) {
    throw new MillraceError("VALUE_INVALID", `expected \`stepMs\` to be a positive integer, got: \`${stepMs}\``);
  }
  const endMs = Date.parse(window.to);
  for (let startMs = Date.parse(window.from); startMs < endMs; startMs += stepMs) {
    yield { from: toInstant(startMs), to: toInstant(Math.min(startMs + stepMs, endMs)) };
  }
}

function parseInstant(text: string, option: string): string {
  const instant = parseIsoInstant(text);
  if (instant !== undefined && instant.hasZone === instant.hasTime) return toInstant(toEpochMs(instant));
  throw new MillraceError(
    "VALUE_INVALID",
    `expected \`${option}\` to be a date or an instant with a zone, got: \`${text}\``,
    {
      hint: "write 2026-01-31 or 2026-01-31T06:00:00Z",
    },
  );
}

function toInstant(ms: number): string {
  return new Date(ms).toISOString();
}
