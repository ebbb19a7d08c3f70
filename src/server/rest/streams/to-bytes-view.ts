// Bytes of records as people read them: JSON where it is, else text, else base64. What is long is cut, so that a peek stays small.
import type { BytesView, RecordView } from "../../../api/streams/topic.ts";
import type { LogRecord } from "../../../core/stream/stream-record.ts";
import type { Json } from "../../../store/rows/run-records.ts";
import { toInstant } from "../../views/to-instant.ts";

export interface BytesViewOptions {
  /** Text that is JSON is given as such; default false. */
  readonly parses?: boolean;
  /** Longer ones are cut. */
  readonly maxBytes?: number;
}

const defaultMaxBytes = 4_096;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function toBytesView(
  bytes: Uint8Array | null,
  { parses = false, maxBytes = defaultMaxBytes }: BytesViewOptions = {},
): BytesView {
  if (bytes === null) return { encoding: "null", json: null, text: null, bytes: 0, truncated: false };
  const size = { bytes: bytes.byteLength, truncated: bytes.byteLength > maxBytes };
  const shown = size.truncated ? bytes.subarray(0, wholeCharacters(bytes, maxBytes)) : bytes;
  const text = decode(shown);
  if (text === undefined)
    return { encoding: "base64", json: null, text: Buffer.from(shown).toString("base64"), ...size };
  const json = parses && !size.truncated ? parseExact(text) : undefined;
  if (json !== undefined) return { encoding: "json", json, text: null, ...size };
  return { encoding: "text", json: null, text, ...size };
}

/** A record of a topic. */
export function toRecordView(partition: number, record: LogRecord, options: BytesViewOptions = {}): RecordView {
  return {
    partition,
    offset: record.offset,
    at: toInstant(record.timeMs),
    key: toBytesView(record.key),
    value: toBytesView(record.value, { parses: true, ...options }),
    headers: toHeaderViews(record),
  };
}

/** Headers in their order. */
export function toHeaderViews({ headers }: Pick<LogRecord, "headers">): RecordView["headers"] {
  return headers.map(({ name, value }) => ({ name, value: toBytesView(value) }));
}

// A character that is cut in the middle would make text look like bytes.
function wholeCharacters(bytes: Uint8Array, maxBytes: number): number {
  let end = maxBytes;
  while (end > maxBytes - 3 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    const text = strict.decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

// Numbers that JavaScript cannot hold are shown as they were written.
function parseExact(text: string): Json | undefined {
  if (/\d{16}/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
