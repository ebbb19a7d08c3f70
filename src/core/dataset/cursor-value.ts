// The value of a cursor: where the field is an instant, however it is written, it is one in UTC, so that values compare.
import { formatIso, type InstantFormat, readInstant } from "../schedule/instant-format.ts";
import type { WatermarkValue } from "./watermark.ts";

export interface CursorFormats {
  /** The first that fits counts. Default: the value is a text or a number as it is. */
  readonly formats?: readonly InstantFormat[];
  /** Of formats without a zone. Default `UTC`. */
  readonly timezone?: string;
}

/** `undefined` for a value that is of none of the formats. */
export function readCursor(
  value: WatermarkValue,
  { formats, timezone = "UTC" }: CursorFormats,
): WatermarkValue | undefined {
  if (formats === undefined) return value;
  for (const format of formats) {
    const micros = readInstant(value, format, timezone);
    if (micros !== undefined) return formatIso(micros);
  }
  return undefined;
}

/** A value out of the options of a job, which may also be in ISO. */
export function toCursor(value: WatermarkValue, { formats, ...rest }: CursorFormats): WatermarkValue {
  if (formats === undefined) return value;
  return readCursor(value, { ...rest, formats: [...formats, "iso", "date"] }) ?? value;
}
