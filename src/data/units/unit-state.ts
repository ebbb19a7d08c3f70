// What a job remembers of its units, by the names of its watermarks: how far each unit was read, which rows of the activation were
// read, and where a start that is relative was.
import { createHash } from "node:crypto";
import { defaultWatermark, type WatermarkValue } from "../../core/dataset/watermark.ts";
import type { KnownRows } from "../../core/dataset/source.ts";

/** The watermark of a unit; a unit that is alone has that of the job. */
export function unitWatermark(key: string): string {
  return key === "" ? defaultWatermark : shorten(`unit ${key}`);
}

/** The watermark that says which row of an activation was read, for those of which only rows that have changed are read. */
export function parentWatermark(key: string): string {
  return shorten(`parent ${key}`);
}

/** The watermark that has the rows at the end of what was read of a unit. */
export function newestRowsWatermark(key: string): string {
  return shorten(`newest rows ${key}`.trimEnd());
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

/** Rows at the end of what was read, as a text; none when they are too many for one. */
export function printKnownRows({ value, fingerprints }: KnownRows): string {
  return fingerprints.length > maxKnownRows ? "" : [digest(value), ...fingerprints].join(" ");
}

/** The rows that have a value and were read before. */
export function parseKnownRows(text: WatermarkValue | undefined, value: WatermarkValue): KnownRows | undefined {
  const [of, ...fingerprints] = (unstamp(text) ?? "").split(" ");
  return of === digest(value) ? { value, fingerprints } : undefined;
}

function digest(value: WatermarkValue): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}

/** A watermark has at most 1,000 characters. */
export const maxKnownRows = 50;
const longestName = 200;

function shorten(name: string): string {
  if (name.length <= longestName) return name;
  return `${name.slice(0, longestName - 40)} ${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
}
