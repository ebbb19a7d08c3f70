// Rows on their way out. Neighbours in the buffer go out as one piece, since what separates them has become a line end.
import { isUtf8 } from "node:buffer";
import { crc32 } from "node:zlib";
import { MillraceError } from "../../core/errors/errors.ts";
import type { RowScanner } from "./row-scanner.ts";

/** Takes lines. It must be done with the bytes when it returns. */
export interface RowSink {
  write(bytes: Uint8Array): void;
  /** Ends the line of what was written. */
  endLine(): void;
}

export interface WatchedRow {
  /** Field at the top of rows. */
  readonly field: string;
  /** Before the first row of an answer, also of one that is asked for again. */
  beginPage(): void;
  /** @param json text of the value; `undefined` where a row has none. @returns whether the row stays */
  keep(json: string | undefined, place: WatchedPlace): boolean;
}

/** The row that is looked at. */
export interface WatchedPlace {
  readonly pageName: string;
  /** Its number in the answer, from 1. */
  readonly rows: number;
  /** A copy of its text. */
  rowBytes(): Uint8Array;
}

export interface RowRunsOptions {
  /** Of the answer, for messages. */
  readonly name: string;
  readonly keyColumn?: string;
  readonly watch?: WatchedRow;
}

interface RunResult {
  readonly rows: number;
  readonly kept: number;
  readonly fingerprint: string;
  readonly lastRow: string | undefined;
}

/** The rows of one answer. */
export class RowRuns implements WatchedPlace {
  /** Rows so far, also those that were left out. */
  rows = 0;
  /** Rows that go out. */
  kept = 0;
  longest = 0;
  readonly #name: string;
  readonly #scanner: RowScanner;
  readonly #sink: RowSink;
  readonly #keyColumn: Uint8Array | undefined;
  readonly #watch: WatchedRow | undefined;
  #start = -1;
  #end = 0;
  #rowsBefore = 0;
  #rowStart = 0;
  #rowEnd = 0;
  #lastStart = -1;
  #lastRow: Uint8Array | undefined;
  #crc = 0;
  #bytes = 0;

  constructor(scanner: RowScanner, sink: RowSink, { name, keyColumn, watch }: RowRunsOptions) {
    this.#name = name;
    this.#scanner = scanner;
    this.#sink = sink;
    this.#keyColumn = keyColumn === undefined ? undefined : encoder.encode(`${JSON.stringify(keyColumn)}:`);
    this.#watch = watch;
    scanner.watch = watch?.field;
  }

  /** The row between two places of the buffer. @param key the name of the field that it was in */
  add(start: number, end: number, key: string | undefined): void {
    this.rows += 1;
    if (end - start > this.longest) this.longest = end - start;
    this.#lastStart = start;
    [this.#rowStart, this.#rowEnd] = [start, end];
    if (this.#watch !== undefined && !this.#watch.keep(this.#watched(), this)) {
      this.#lastRow = this.#scanner.bytes.slice(start, end);
      this.#lastStart = -1;
      this.#writeRun();
      return;
    }
    this.kept += 1;
    if (this.#scanner.quotes.length > 0 || (this.#keyColumn !== undefined && key !== undefined)) {
      this.#writeRun();
      this.#writeSpliced(start, end, key);
      return;
    }
    if (this.#start < 0) [this.#start, this.#rowsBefore] = [start, this.rows - 1];
    this.#end = end;
  }

  get pageName(): string {
    return this.#name;
  }

  rowBytes(): Uint8Array {
    return this.#scanner.bytes.slice(this.#rowStart, this.#rowEnd);
  }

  /** Between two rows: the comma at `at` becomes the line end, if the run goes on. */
  separate(at: number): void {
    if (this.#start >= 0) this.#scanner.bytes[at] = 0x0a;
  }

  /** Gives on what has come, before the buffer moves. */
  flush(): void {
    if (this.#lastStart >= 0) this.#keepLast();
    this.#writeRun();
  }

  finish(): RunResult {
    this.flush();
    const lastRow = this.#lastRow === undefined ? undefined : decoder.decode(this.#lastRow);
    return { rows: this.rows, kept: this.kept, fingerprint: `${this.rows}:${this.#bytes}:${this.#crc}`, lastRow };
  }

  #keepLast(): void {
    const end = this.#start >= 0 ? this.#end : this.#lastStart;
    if (end > this.#lastStart) this.#lastRow = this.#scanner.bytes.slice(this.#lastStart, end);
    this.#lastStart = -1;
  }

  #watched(): string | undefined {
    const { bytes, watchStart, watchEnd } = this.#scanner;
    return watchStart < 0 ? undefined : decoder.decode(bytes.subarray(watchStart, watchEnd));
  }

  #writeRun(): void {
    if (this.#start < 0) return;
    const run = this.#scanner.bytes.subarray(this.#start, this.#end);
    this.#start = -1;
    if (!isUtf8(run)) throw this.#noUtf8(run);
    this.#write(run);
    this.#sink.endLine();
  }

  /** A row with marked numbers, and the column for its key. */
  #writeSpliced(start: number, end: number, key: string | undefined): void {
    const { bytes, quotes } = this.#scanner;
    if (!isUtf8(bytes.subarray(start, end))) throw noUtf8(this.#name, this.rows);
    let at = start;
    if (this.#keyColumn !== undefined && key !== undefined) {
      this.#write(openBrace);
      this.#write(this.#keyColumn);
      this.#write(encoder.encode(JSON.stringify(key)));
      at = start + 1;
      if (bytes[this.#scanner.space(at)] !== 0x7d) this.#write(comma);
    }
    for (let index = 0; index < quotes.length; index += 2) {
      const [from = end, to = end] = [quotes[index], quotes[index + 1]];
      this.#write(bytes.subarray(at, from));
      this.#write(openMark);
      this.#write(bytes.subarray(from, to));
      this.#write(quote);
      at = to;
    }
    this.#write(bytes.subarray(at, end));
    this.#sink.endLine();
    this.#lastRow = bytes.slice(start, end);
    this.#lastStart = -1;
  }

  #write(bytes: Uint8Array): void {
    this.#crc = crc32(bytes, this.#crc);
    this.#bytes += bytes.length;
    this.#sink.write(bytes);
  }

  #noUtf8(run: Uint8Array): MillraceError {
    let row = this.#rowsBefore + 1;
    for (let at = 0; at < run.length;) {
      const end = run.indexOf(0x0a, at);
      const line = run.subarray(at, end < 0 ? run.length : end);
      if (!isUtf8(line)) break;
      row += 1;
      at += line.length + 1;
    }
    return noUtf8(this.#name, row);
  }
}

function noUtf8(name: string, row: number): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `${name}, row ${row}: a text is no UTF-8`, {
    hint: "have the service answer in UTF-8, as JSON is by its standard",
  });
}

/** Before a number that was put into quotes, so that it can be told from a text. */
export const numberMark = "\u{E000}millrace-number:";

/** The text with every number as it came. */
export function unmarkNumbers(json: string): string {
  return json.includes(numberMark) ? json.replaceAll(markedNumber, "$1") : json;
}

const markedNumber = new RegExp(`"${numberMark}([^"]*)"`, "g");
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const comma = encoder.encode(",");
const openBrace = encoder.encode("{");
const quote = encoder.encode('"');
const openMark = encoder.encode(`"${numberMark}`);
