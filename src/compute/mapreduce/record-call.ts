// From the bytes of a line to a call of `map`, in the way the job reads its records.
import { MillraceError } from "../../core/errors/errors.ts";
import type { MapReduceCode } from "../../core/mapreduce/map-reduce.ts";
import { CsvRecord, LineRecord, ViewPool } from "./byte-view.ts";
import type { Emitter } from "./emitter.ts";

/** Calls `map` for one line. @throws whatever it throws, and MillraceError `RECORD_INVALID` for a line that is no record */
export type CallMap = (bytes: Uint8Array, start: number, end: number) => void;

/** @param columns of the header, of a file of CSV */
export function createMapCall(code: MapReduceCode, emitter: Emitter, columns: readonly string[]): CallMap {
  const { map, mapBytes } = code;
  if (mapBytes !== undefined) {
    return (bytes, start, end) => {
      emitter.begin(bytes);
      mapBytes(bytes, start, end, emitter.emitBytes);
    };
  }
  if (map === undefined)
    throw new MillraceError("INTERNAL", `job \`${code.job}\` has neither \`map\` nor \`mapBytes\``);
  if (code.read === "csv") return callWithCsv(map, emitter, code.separator.charCodeAt(0), columns);
  return code.read === "lines" ? callWithLine(map, emitter, code.separator.charCodeAt(0)) : callWithJson(map, emitter);
}

type Map = NonNullable<MapReduceCode["map"]>;

function callWithLine(map: Map, { emit }: Emitter, separator: number): CallMap {
  const pool = new ViewPool();
  const line = new LineRecord(pool, separator);
  return (bytes, start, end) => {
    pool.reset();
    line.bytes = bytes;
    line.start = start;
    line.end = end;
    assertNoPromise(map(line, emit));
  };
}

function callWithCsv(map: Map, { emit }: Emitter, separator: number, columns: readonly string[]): CallMap {
  const pool = new ViewPool();
  const record = new CsvRecord(pool, separator, columns);
  return (bytes, start, end) => {
    if (start === end) return;
    pool.reset();
    record.bytes = bytes;
    record.start = start;
    record.end = end;
    if (!record.split())
      throw invalid("a quote is not closed in its line", "a value with a line break in it cannot be read here");
    assertNoPromise(map(record, emit));
  };
}

function callWithJson(map: Map, { emit }: Emitter): CallMap {
  return (bytes, start, end) => {
    if (start === end) return;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
    assertNoPromise(map(parseObject(text), emit));
  };
}

function parseObject(text: string): unknown {
  const value = parse(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw invalid("the line is no JSON object", "one object a line is expected");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // what the parser says has a part of the line in it
    throw invalid("the line is no JSON", "one object a line is expected", cause);
  }
}

/** Nobody would wait for it, and its emissions would count for another record. */
export function assertNoPromise(returned: unknown): void {
  if (returned === undefined || !(returned instanceof Promise)) return;
  returned.catch(() => undefined);
  throw new TypeError("expected `map` to return nothing, got: `a promise`");
}

function invalid(reason: string, hint: string, cause?: unknown): MillraceError {
  return new MillraceError("RECORD_INVALID", reason, { hint, ...(cause === undefined ? {} : { cause }) });
}
