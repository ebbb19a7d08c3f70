// Records of topics as rows: the fields of each value, and where it lay. They pass page by page into a file of JSON, whose types
// follow from all of them, so that memory grows with a page and not with their number.
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { type EngineSession, quoteIdentifier } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { claimCheckHeader } from "../../../core/stream/payload-token.ts";
import type { LogRecord } from "../../../core/stream/stream-record.ts";
import { readRange, type TopicRange, type TopicReader } from "../../../core/stream/topic-reader.ts";
import { parseRowsPath } from "../../pages/rows-path.ts";
import { findFileFormat } from "../format-registry.ts";
import type { PageRows } from "../page-rows.ts";
import type { KnownTable, SourceRows } from "../source-rows.ts";

/** Columns that tell where a record lay. A field of a value that has such a name is left out. */
export const recordColumns: readonly string[] = ["_key", "_partition", "_offset", "_time"];

export interface RecordReading {
  readonly session: EngineSession;
  readonly reader: Pick<TopicReader, "read" | "valueOf">;
  /** Whether a record is a row. Default: each is, and one that is no JSON is an error. */
  readonly admits?: (record: LogRecord, range: TopicRange, json: unknown) => boolean;
  readonly table: KnownTable;
  /** Folder for what is made of the records, which is the caller's to delete; it may not be there yet. */
  readonly spool: string;
  readonly signal: AbortSignal;
}

/** Of records that are in memory at a time. */
const pageBytes = 4 * 1024 * 1024;

/**
 * One relation over the records of all ranges, by partition and offset. A value that is no object is the column `value`; one that
 * is null has no field.
 * @throws MillraceError `SOURCE_UNREADABLE` for a value that is no JSON, and what reading the log fails with
 */
export async function recordRows(ranges: readonly TopicRange[], reading: RecordReading): Promise<SourceRows> {
  const { spool, session, table } = reading;
  using objects = openObjects(join(spool, randomUUID()));
  for (const range of ranges) {
    const name = `${range.topic.name}/${range.partition}`;
    const { problem } = await objects.read({ body: toList(range, reading), isEndKnown: true }, name);
    if (problem !== undefined) throw problem;
    objects.keep();
  }
  const rows = await objects.finish(session, withoutOwnColumns(table));
  if (rows.sql === undefined) return { ...rows, sql: noRecords };
  const untyped = rows.untyped.filter((name) => !recordColumns.includes(name));
  return { ...rows, sql: withPlaces(rows.sql), untyped };
}

function openObjects(folder: string): PageRows {
  const { pages } = findFileFormat("ndjson").format;
  if (pages === undefined) throw new MillraceError("INTERNAL", "no format reads objects");
  const path = parseRowsPath(undefined, "rows");
  return pages.open({ folder, path, isOptional: false, tellsUnits: false, noun: "file" });
}

/** The columns that tell the place have types of their own. */
function withoutOwnColumns(table: KnownTable): KnownTable {
  return {
    isVerbatim: table.isVerbatim,
    columns: async () => (await table.columns())?.filter(({ name }) => !recordColumns.includes(name)),
  };
}

/** Before each key, so that none is taken for a date. */
const keyMark = "\u{E000}";

const noRecords = `SELECT CAST(NULL AS VARCHAR) AS _key, CAST(NULL AS INTEGER) AS _partition, CAST(NULL AS BIGINT) AS _offset,
  CAST(NULL AS TIMESTAMP WITH TIME ZONE) AS _time WHERE false`;

function withPlaces(sql: string): string {
  const [key, partition, offset, time] = recordColumns.map(quoteIdentifier);
  return `SELECT * EXCLUDE (${key}, ${partition}, ${offset}, ${time}), substr(CAST(${key} AS VARCHAR), 2) AS ${key},
    CAST(${partition} AS INTEGER) AS ${partition}, CAST(${offset} AS BIGINT) AS ${offset},
    make_timestamptz(CAST(${time} AS BIGINT) * 1000) AS ${time} FROM (${sql})`;
}

async function* toList(range: TopicRange, { reader, admits, signal }: RecordReading): AsyncGenerator<Uint8Array, void> {
  let separator = "[";
  for await (const page of readRange(reader, range, { maxBytes: pageBytes, signal })) {
    for (const records of runsOf(page)) {
      const [first] = records;
      const values = isToken(first) ? [await reader.valueOf(first, range)] : records.map(({ value }) => value);
      const objects = records.flatMap((record, at) => toObject(record, values[at] ?? null, range, admits) ?? []);
      if (objects.length === 0) continue;
      yield Buffer.from(`${separator}${objects.join(",\n")}`);
      separator = ",\n";
    }
  }
  yield Buffer.from(separator === "[" ? "[]" : "]");
}

const decoder = new TextDecoder();

/** Records whose values lie elsewhere stand alone, so that one of them is in memory at a time. */
function* runsOf(page: readonly LogRecord[]): Generator<readonly LogRecord[], void> {
  let from = 0;
  for (const [index, record] of page.entries()) {
    if (!isToken(record)) continue;
    if (from < index) yield page.slice(from, index);
    yield [record];
    from = index + 1;
  }
  if (from < page.length) yield page.slice(from);
}

function isToken(record: LogRecord | undefined): record is LogRecord {
  return record?.headers.some(({ name }) => name === claimCheckHeader) === true;
}

/** The text of the value stays as it is, so that no number is rounded. `undefined`: the record is no row. */
function toObject(
  record: LogRecord,
  value: Uint8Array | null,
  range: TopicRange,
  admits: RecordReading["admits"],
): string | undefined {
  const { key, offset, timeMs } = record;
  const keyText = key === null ? null : `${keyMark}${decoder.decode(key)}`;
  const place = `"_key":${JSON.stringify(keyText)},"_partition":${range.partition},"_offset":${offset},"_time":${timeMs}`;
  const text = value === null ? "null" : decoder.decode(value).trim();
  const parsed = parseValue(text);
  if (admits?.(record, range, parsed) === false) return undefined;
  if (parsed === undefined) throw noJson(record, range);
  if (value === null) return `{${place}}`;
  if (!isObject(parsed)) return `{${place},"value":${text}}`;
  const named = Object.keys(parsed);
  if (named.length === 0) return `{${place}}`;
  if (!named.some((name) => recordColumns.includes(name.toLowerCase()))) return `{${place},${text.slice(1)}`;
  const kept = Object.entries(parsed).filter(([name]) => !recordColumns.includes(name.toLowerCase()));
  return JSON.stringify({ ...(JSON.parse(`{${place}}`) as object), ...Object.fromEntries(kept) });
}

/** Undefined for what is no JSON. */
function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function noJson({ offset }: LogRecord, { topic, partition }: TopicRange): MillraceError {
  const message = `record ${offset} of partition ${partition} of topic \`${topic.name}\` is no JSON`;
  return new MillraceError("SOURCE_UNREADABLE", message, {
    hint: "values that queries read are JSON; take the record out, or read the topic with a handler",
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
