// Bounds of what one log line may hold, whatever a job logs.
import type { Json } from "../../store/rows/run-records.ts";
import { toJson } from "./to-json.ts";

const maxTextLength = 8_192;
const maxFieldsLength = 16_384;

/** The text, or its beginning and how long it was. */
export function toLogText(value: unknown): string {
  const text = typeof value === "string" ? value : String(value);
  if (text.length <= maxTextLength) return text;
  // A slice would keep the whole text in memory for as long as it lives; a copy does not.
  const start = Buffer.from(text.slice(0, maxTextLength), "utf8").toString("utf8");
  return `${start}… (${text.length} characters)`;
}

/** Fields as JSON; what is too long is replaced by its length, what cannot be JSON by the reason. */
export function toLogFields(fields: Readonly<Record<string, unknown>>): Json {
  try {
    const json = toJson(fields);
    const { length } = JSON.stringify(json);
    return length <= maxFieldsLength ? json : { dropped: `${length} characters of fields` };
  } catch (error) {
    return { dropped: error instanceof Error ? toLogText(error.message) : "fields that are not JSON" };
  }
}
