// The lines of a csv file that come before its rows, read as text: only here is a delimiter ever looked for.
import type { MillraceError } from "../../../core/errors/errors.ts";
import type { CsvOptions } from "./options.ts";
import { openBytes } from "../whole-archives.ts";
import { unreadableLine } from "../unreadable-line.ts";

/** How the fields of one file are told apart. */
export interface CsvDialect {
  readonly delimiter: string;
  /** Empty for none. */
  readonly quote: string;
}

/** The first line of a file that holds fields: its header, or its first row where there is no header. */
export interface CsvHead extends CsvDialect {
  /** Lines before it: those that are set aside, whatever quotes they have, and empty ones that are no rows. */
  readonly skip: number;
  readonly fields: readonly string[];
  /** The first line before it that a reader of quotes would not take for one record, from 1. */
  readonly looseQuoteLine?: number;
}

/** @returns `undefined` for a file without such a line @throws MillraceError `SOURCE_UNREADABLE` */
export async function readCsvHead(file: string, options: CsvOptions): Promise<CsvHead | undefined> {
  const decoder = new TextDecoder("utf-8");
  let text = "";
  for await (const chunk of openBytes(file)) {
    if (text === "") assertUtf8(file, chunk);
    text += decoder.decode(chunk, { stream: true });
    const head = parseHead(text, options);
    if (typeof head === "object") return head;
    if (text.length > longestHead) throw openQuote(file);
  }
  // a last line need not have an end
  const head = parseHead(`${text}${decoder.decode()}\n`, options);
  if (head === "unfinished") throw openQuote(file);
  return head;
}

/** Characters that the header and the lines before it may have; a quote that nothing closes would take in the whole file. */
const longestHead = 16_000_000;

function openQuote(file: string): MillraceError {
  const hint = "correct the file, or set `csv.quote` to the character it quotes with, or to an empty text for none";
  return unreadableLine(file, 1, "in the header a quote is opened and never closed", hint);
}

/** The fields of one record without its line end. */
export function splitFields(record: string, { delimiter, quote }: CsvDialect): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const isQuoted = quote !== "" && record.startsWith(quote, at);
    const close = isQuoted ? closingQuote(record, at + 1, quote) : at;
    const found = record.indexOf(delimiter, close);
    const end = found === -1 ? record.length : found;
    const field = isQuoted ? record.slice(at + 1, close).replaceAll(quote + quote, quote) : record.slice(at, end);
    fields.push(field);
    if (found === -1) return fields;
    at = found + 1;
  }
}

const candidates: readonly string[] = [",", ";", "\t", "|"];

/** The head once `text` holds all of it; `undefined` when all of it are empty lines, or lines that are set aside. */
function parseHead(text: string, options: CsvOptions): CsvHead | "unfinished" | undefined {
  const { quote = '"', skipLines = 0, header = true } = options;
  const delimiters = options.delimiter === undefined ? candidates : [options.delimiter];
  const before: string[] = [];
  for (let at = 0; ;) {
    const isSetAside = before.length < skipLines;
    // a line that is set aside is one as an editor shows it
    const end = endOfRecord(text, at, delimiters, isSetAside ? "" : quote);
    if (end === undefined) return at === text.length ? undefined : "unfinished";
    const record = text.slice(at, end);
    if (record !== "" && !isSetAside) {
      const dialect = { delimiter: mostFrequent(record, delimiters, quote), quote };
      const fields = splitFields(record, dialect).map(detach);
      const loose = before.findIndex((line) => !isOneRecord(line, dialect));
      // where there is one column and no header, empty lines are rows
      const skip = header || fields.length > 1 ? before.length : skipLines;
      return { ...dialect, skip, fields, ...(loose === -1 ? {} : { looseQuoteLine: loose + 1 }) };
    }
    before.push(record);
    at = text.startsWith("\r\n", end) ? end + 2 : end + 1;
  }
}

/** Tells whether quotes, if the line has any, are where a reader of csv expects them, so that the line is one record to it as well. */
function isOneRecord(line: string, { delimiter, quote }: CsvDialect): boolean {
  if (quote === "" || !line.includes(quote)) return true;
  for (let at = 0; at <= line.length;) {
    const isQuoted = line.startsWith(quote, at);
    const close = isQuoted ? closingQuote(line, at + 1, quote) + 1 : at;
    const found = line.indexOf(delimiter, close);
    const end = found === -1 ? line.length : found;
    if (isQuoted ? close !== end : line.slice(at, end).trimStart().startsWith(quote)) return false;
    at = end + 1;
  }
  return true;
}

/** The same text without the one that it was cut from, of which each file would keep a megabyte. */
function detach(field: string): string {
  return Buffer.from(field).toString();
}

/** Where the line end of the record stands; `undefined` when it may be further on. */
function endOfRecord(text: string, from: number, delimiters: readonly string[], quote: string): number | undefined {
  let isFieldStart = true;
  for (let at = from; at < text.length; at += 1) {
    const mark = text.charAt(at);
    if (mark === quote && isFieldStart) {
      at = closingQuote(text, at + 1, quote);
      isFieldStart = false;
      continue;
    }
    // the other half of a line end may come with the next bytes
    if (mark === "\n" || mark === "\r") return mark === "\r" && at + 1 === text.length ? undefined : at;
    isFieldStart = delimiters.includes(mark);
  }
  return undefined;
}

/** Where the quoted text ends that begins at `from`; the end of `text` when nothing closes it. */
function closingQuote(text: string, from: number, quote: string): number {
  for (let at = text.indexOf(quote, from); at !== -1; at = text.indexOf(quote, at + 2)) {
    if (text.charAt(at + 1) !== quote) return at;
  }
  return text.length;
}

function mostFrequent(record: string, delimiters: readonly string[], quote: string): string {
  const counts = delimiters.map((delimiter) => splitFields(record, { delimiter, quote }).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ",";
}

function assertUtf8(file: string, bytes: Uint8Array): void {
  const [first, second] = bytes;
  if (!((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))) return;
  throw unreadableLine(file, 1, "the text is UTF-16", "deliver the file as UTF-8");
}
