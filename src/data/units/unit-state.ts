// What a job remembers of its units, by the names of its watermarks: how far each unit was read, which rows of the activation were
// read, and where a start that is relative was.
import { createHash } from "node:crypto";
import { defaultWatermark, type WatermarkValue } from "../../core/dataset/watermark.ts";
import { type KnownRows, maxKnownRows } from "../../core/dataset/source.ts";

/** The watermark of a unit; a unit that is alone has that of the job. */
export function unitWatermark(key: string): string {
  return key === "" ? defaultWatermark : shorten(`unit ${key}`);
}

/** The watermark that has ranges of time of a unit that were read behind a gap, where rows are appended. */
export function rangesWatermark(key: string): string {
  return shorten(`ranges ${key}`.trimEnd());
}

/** The watermark that says which row of an activation was read, for those of which only rows that have changed are read. */
export function parentWatermark(key: string): string {
  return shorten(`parent ${key}`);
}

/** The watermark that has rows at the end of what was read of a unit. @param part from 0; rows that are many have several */
export function newestRowsWatermark(key: string, part = 0): string {
  return shorten(`newest rows ${key}`.trimEnd() + (part === 0 ? "" : ` (${part + 1})`));
}

/** The watermark that has the start of a job whose start is a period before its first run. */
export const startWatermark = "start";

/** The watermark that has the last unit of a run that left others for the next one. */
export const turnWatermark = "turn";

/**
 * A text that is no amount, as one that grows: watermarks only move forward.
 * @param before the watermark as it is, which the new one is behind whatever clocks say
 * @param at an instant
 */
export function stamp(text: string, before: WatermarkValue | undefined, at: string): string {
  const [last = ""] = typeof before === "string" ? before.split(" ") : [];
  const instant = last < at ? at : new Date(Date.parse(last) + 1).toISOString();
  return `${instant} ${text}`;
}

/** The text of a stamp. */
export function unstamp(value: WatermarkValue | undefined): string | undefined {
  if (typeof value !== "string") return undefined;
  const [, ...words] = value.split(" ");
  return words.join(" ");
}

/** The instant of a stamp. */
export function stampedAt(value: WatermarkValue | undefined): string {
  return typeof value === "string" ? (value.split(" ")[0] ?? "") : "";
}

/** Rows at the end of what was read, as texts of which each fits into a watermark; `undefined` when they are too many. */
export function printKnownRows({ value, fingerprints }: KnownRows): readonly string[] | undefined {
  if (fingerprints.length > maxKnownRows) return undefined;
  const count = Math.ceil(fingerprints.length / rowsOfPart);
  return Array.from({ length: count }, (_, part) => {
    return [digest(value), ...fingerprints.slice(part * rowsOfPart, (part + 1) * rowsOfPart)].join(" ");
  });
}

/** The rows of a unit that have a value and were read before. */
export function findKnownRows(
  state: ReadonlyMap<string, WatermarkValue>,
  key: string,
  value: WatermarkValue,
): KnownRows | undefined {
  const fingerprints: string[] = [];
  for (let part = 0; part * rowsOfPart < maxKnownRows; part += 1) {
    const [of, ...found] = (unstamp(state.get(newestRowsWatermark(key, part))) ?? "").split(" ");
    // parts that are left of an earlier value have another one
    if (of === digest(value)) fingerprints.push(...found);
  }
  return fingerprints.length === 0 ? undefined : { value, fingerprints };
}

function digest(value: WatermarkValue): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}

/** A watermark has at most 1,000 characters. */
const rowsOfPart = 50;
const longestName = 200;

function shorten(name: string): string {
  if (name.length <= longestName) return name;
  return `${name.slice(0, longestName - 40)} ${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
}
