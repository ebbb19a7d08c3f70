// Makes a record of a value: checked against the schema of its topic first, so that nothing is appended that readers would refuse.
import { MillraceError } from "../../core/errors/errors.ts";
import type { NewRecord, RecordHeader } from "../../core/stream/stream-record.ts";
import type { Topic } from "../../core/stream/topic.ts";

const encoder = new TextEncoder();

/** What comes with a value. */
export interface EncodeOptions {
  readonly headers?: readonly RecordHeader[];
  /** The time of a value whose topic has no `eventTime`. */
  readonly nowMs: number;
}

/**
 * The record of a value.
 * @throws MillraceError `RECORD_INVALID` when the value does not fit the schema or is no JSON
 */
export function encodeValue(topic: Topic, value: unknown, { headers = [], nowMs }: EncodeOptions): NewRecord {
  const checked = topic.schema.safeParse(value);
  if (!checked.success) throw invalidRecord(topic.name, checked.error.issues[0]?.path);
  const key = topic.keyOf(checked.data);
  // What the schema makes of a value is for handlers: the record keeps what was produced, so that it can be checked again.
  return {
    key: key === undefined ? null : encoder.encode(key),
    value: encoder.encode(toText(topic.name, value)),
    headers,
    timeMs: topic.timeOf(checked.data) ?? nowMs,
  };
}

/** Headers of texts. */
export function encodeHeaders(headers: Readonly<Record<string, string>> = {}): readonly RecordHeader[] {
  return Object.entries(headers).map(([name, text]) => ({ name, value: encoder.encode(text) }));
}

/** The refusal of a value; it tells the place and no data. */
export function invalidRecord(topic: string, path: readonly PropertyKey[] = []): MillraceError {
  const place = path.length === 0 ? "" : `, at: \`${path.map(String).join(".").slice(0, 200)}\``;
  return new MillraceError("RECORD_INVALID", `value does not fit the schema of topic \`${topic}\`${place}`, {
    hint: "compare the value with the `schema` of `defineTopic`",
  });
}

function toText(topic: string, value: unknown): string {
  const text = jsonOf(value);
  if (text !== undefined) return text;
  throw new MillraceError("RECORD_INVALID", `value for topic \`${topic}\` cannot be written as JSON`, {
    hint: "produce plain data: convert bigints, and leave out functions and circular references",
  });
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
