// How far a job has read its source: a text or a number that runs move forward only.
import { MillraceError } from "../errors/errors.ts";
import { compareIsoInstants, type IsoInstant, parseIsoInstant } from "../schedule/iso-instant.ts";

/**
 * Numbers compare by value. Two texts that are ISO instants compare as instants, however their fractions and zones are written;
 * a date alone and a time without a zone count as UTC. Other texts compare by code units. A watermark keeps the type of its
 * first value, and the text that was given.
 */
export type WatermarkValue = string | number;

/** Name of the watermark of a job that has only one. */
export const defaultWatermark = "default";

const maxTextLength = 1_000;
const maxNameLength = 200;

/** Below 0 when `a` comes first, above 0 when `b` does. Both have the same type. */
export function compareWatermarks(a: WatermarkValue, b: WatermarkValue): number {
  if (a === b) return 0;
  const [first, second] = [toIsoInstant(a), toIsoInstant(b)];
  if (first !== undefined && second !== undefined) return Math.sign(compareIsoInstants(first, second));
  return a < b ? -1 : 1;
}

function toIsoInstant(value: WatermarkValue): IsoInstant | undefined {
  return typeof value === "string" ? parseIsoInstant(value) : undefined;
}

/** @throws MillraceError `VALUE_INVALID` unless it is a finite number or a text of 1 to 1,000 characters */
export function assertWatermarkValue(value: unknown): asserts value is WatermarkValue {
  if (typeof value === "number" ? Number.isFinite(value) : isShortText(value, maxTextLength)) return;
  throw new MillraceError(
    "VALUE_INVALID",
    `expected a watermark to be a finite number or a text of 1 to ${maxTextLength} characters, got: \`${describe(value)}\``,
    { hint: "convert dates to text with `toISOString()`" },
  );
}

/** @throws MillraceError `VALUE_INVALID` unless it has 1 to 200 characters */
export function assertWatermarkName(name: unknown): asserts name is string {
  if (isShortText(name, maxNameLength)) return;
  const message = `expected the name of a watermark to have 1 to ${maxNameLength} characters, got: \`${describe(name)}\``;
  throw new MillraceError("VALUE_INVALID", message);
}

/** @throws MillraceError `VALUE_INVALID` when a watermark that is at `before` cannot become `after`, because the types differ */
export function assertSameType(before: WatermarkValue, after: WatermarkValue): void {
  if (typeof before === typeof after) return;
  const message = `expected the watermark to stay a ${typeof before} such as \`${before}\`, got: \`${after}\``;
  throw new MillraceError("VALUE_INVALID", message, { hint: "use another watermark for values of another type" });
}

// A text that no database keeps as it is would not compare as it did.
function isShortText(value: unknown, maxLength: number): boolean {
  if (typeof value !== "string" || value.length < 1 || value.length > maxLength) return false;
  return value.isWellFormed() && !value.includes("\0");
}

function describe(value: unknown): string {
  const text = typeof value === "object" && value !== null ? value.constructor?.name : String(value);
  return (text ?? "object").slice(0, 100);
}
