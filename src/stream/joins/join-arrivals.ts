// The records that have come of a key, as its row keeps them, and as a dead letter shows them to people.
import { MillraceError } from "../../core/errors/errors.ts";
import { claimCheckHeader } from "../../core/stream/payload-token.ts";
import { type LogRecord, type NewRecord, sizeOfRecord } from "../../core/stream/stream-record.ts";
import { decodeBlock, encodeTogether } from "../records/record-block.ts";

/** By the place of the input in the definition. Insertion order is that of the coming. */
export type Arrivals = ReadonlyMap<number, LogRecord>;

const arrivalHeader = "millrace-join-arrival";
/** Of a dead letter that is what has come of a key; its value names the inputs whose values are tokens. */
const joinedHeader = "millrace-joined";

/** What a row keeps. */
export function encodeArrivals(arrivals: Arrivals): Uint8Array {
  return encodeTogether(
    [...arrivals].map(([input, record]) => ({
      ...record,
      headers: [...record.headers, { name: arrivalHeader, value: Buffer.from(`${input} ${record.offset}`) }],
    })),
  );
}

/** @param count of inputs that have come */
export function decodeArrivals(payload: Uint8Array, count: number): Map<number, LogRecord> {
  const arrivals = new Map<number, LogRecord>();
  for (const record of decodeBlock({ payload, firstOffset: 0, count })) {
    const [input, offset] = (record.headers.at(-1)?.value?.toString() ?? "").split(" ").map(Number);
    if (input === undefined || offset === undefined)
      throw new MillraceError("STORE_CORRUPT", "a join has a record of no input");
    arrivals.set(input, { ...record, offset, headers: record.headers.slice(0, -1) });
  }
  return arrivals;
}

/** What counts where bytes are bounded. */
export function sizeOfArrivals(arrivals: Arrivals): number {
  let bytes = 0;
  for (const record of arrivals.values()) bytes += sizeOfRecord(record);
  return bytes;
}

/** What has come as one record: its value is an object with the values by the names of the inputs, tokens as they are. */
export function joinedRecord(key: string, arrivals: Arrivals, names: readonly string[]): NewRecord {
  const values: string[] = [];
  const tokens: string[] = [];
  let timeMs = 0;
  for (const [input, record] of arrivals) {
    const name = names[input] ?? String(input);
    values.push(`${JSON.stringify(name)}:${record.value === null ? "null" : Buffer.from(record.value).toString()}`);
    if (record.headers.some((header) => header.name === claimCheckHeader)) tokens.push(name);
    timeMs = Math.max(timeMs, record.timeMs);
  }
  const headers = [{ name: joinedHeader, value: Buffer.from(tokens.join(",")) }];
  return { key: Buffer.from(key), value: Buffer.from(`{${values.join(",")}}`), headers, timeMs };
}

/** Whether a record is one of those. */
export function isJoined({ headers }: NewRecord): boolean {
  return headers.some(({ name }) => name === joinedHeader);
}

/**
 * The arrivals of such a record, which a person may have changed.
 * @throws MillraceError `RECORD_INVALID` for what is no object by the names of inputs
 */
export function splitJoined(record: LogRecord, names: readonly string[]): Map<number, LogRecord> {
  const values = parseObject(record.value);
  const told = record.headers.find(({ name }) => name === joinedHeader)?.value?.toString() ?? "";
  const tokens = new Set(told.split(","));
  const arrivals = new Map<number, LogRecord>();
  for (const [name, value] of Object.entries(values)) {
    const input = names.indexOf(name);
    if (input === -1) throw notJoined(`the join has no input \`${name}\``);
    const headers = tokens.has(name) ? [{ name: claimCheckHeader, value: null }] : [];
    arrivals.set(input, { ...record, value: Buffer.from(JSON.stringify(value)), headers });
  }
  return arrivals;
}

function parseObject(value: Uint8Array | null): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(value === null ? "null" : Buffer.from(value).toString());
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {
    // told below
  }
  throw notJoined("it is no object of values by input");
}

function notJoined(why: string): MillraceError {
  return new MillraceError("RECORD_INVALID", `a dead letter of a join cannot be sent again: ${why}`, {
    hint: "its value is an object with the values that have come, by the names of the inputs",
  });
}
