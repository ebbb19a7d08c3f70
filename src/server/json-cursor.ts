// Cursors of lists whose place is more than a number: the place as JSON, in letters and digits, since names and keys are any text.
import type { z } from "zod";
import { requestInvalid } from "./request-invalid.ts";

export function toJsonCursor(place: readonly (string | number | readonly number[])[]): string {
  return Buffer.from(JSON.stringify(place), "utf8").toString("base64url");
}

/** The place that `toJsonCursor` was given. @throws MillraceError `REQUEST_INVALID` for one of another list */
export function parseJsonCursor<Place>(schema: z.ZodType<Place>, cursor: string): Place {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch {
    throw requestInvalid({ path: "query.cursor", message: "expected `next_cursor` of another page of this list" });
  }
}
