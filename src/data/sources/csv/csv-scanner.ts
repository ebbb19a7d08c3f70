// Looks at every byte of a csv file before the engine reads it: each row has as many fields as the first line, each quote is closed.
// The engine alone is not enough: it drops empty fields at the end of a row that is too wide, and where it reads a file in
// parallel it guesses where rows begin, which quoted line ends can mislead.
import type { CsvDialect } from "./csv-text.ts";
import { unreadableLine } from "../unreadable-line.ts";
import type { CsvFields } from "./csv-fields.ts";

/** What the bytes of a file are like. */
export interface CsvStructure {
  /** Rows, the header not counted. */
  readonly rows: number;
  /** Whether any field is quoted. */
  readonly hasQuotes: boolean;
  /** Whether a reader that starts in the middle of the file could take quoted text for the beginning of a row. */
  readonly isAmbiguous: boolean;
  /** Whether lines end in more than one way. */
  readonly hasMixedLineEnds: boolean;
  readonly longestRowBytes: number;
  /** How the first line ends, if it does. */
  readonly lineEnd?: string;
  /** Line of the row that was asked for. */
  readonly line?: number;
}

export interface CsvScannerOptions extends CsvDialect {
  readonly file: string;
  /** Fields of each record. */
  readonly width: number;
  /** Lines at the start that may be of any width, and in which a quote is a mark like any other. */
  readonly skip: number;
  readonly hasHeader: boolean;
  /** Whether other bytes of the file come before these. */
  readonly isContinued?: boolean;
  /** A row whose line is asked for, from 1. */
  readonly rowSought?: number;
  /** Gets the fields of all rows. */
  readonly fields?: CsvFields;
}

const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const nothing = new Uint8Array(0);

type Place = "plain" | "quoted" | "behind quote";

/** Takes the bytes of one file, in order. */
export class CsvScanner {
  readonly #options: CsvScannerOptions;
  readonly #delimiter: number;
  readonly #quote: number;
  /** Records before the first row. */
  readonly #lead: number;
  /** Absent before the first row. */
  #fields: CsvFields | undefined;
  #isAtStart: boolean;
  #place: Place = "plain";
  #records = 0;
  #delimiters = 0;
  /** Where the field, and the record, began in the present chunk; negative when in an earlier one. */
  #fieldStart = 0;
  #recordStart = 0;
  #line = 1;
  #recordLine = 1;
  #hasPendingReturn = false;
  #isBlankSoFar = true;
  #isJustOpened = false;
  #lastMark = -1;
  #hasQuotes = false;
  #isAmbiguous = false;
  #lineEnd: string | undefined;
  #hasMixedLineEnds = false;
  #longest = 0;
  #lineSought: number | undefined;

  constructor(options: CsvScannerOptions) {
    this.#options = options;
    this.#delimiter = options.delimiter.charCodeAt(0);
    this.#quote = options.quote === "" ? -1 : options.quote.charCodeAt(0);
    this.#isAtStart = options.isContinued !== true;
    this.#lead = options.skip + (options.hasHeader ? 1 : 0);
    this.#fields = this.#lead === 0 ? options.fields : undefined;
  }

  /** @throws MillraceError `SOURCE_UNREADABLE` naming file and line */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    let at = this.#isAtStart ? this.#skipMark(chunk) : this.#finishReturn(chunk);
    if (this.#place !== "plain") at = this.#readField(chunk, at);
    this.#readPlain(chunk, at);
    this.#fields?.keep(this.#delimiters, chunk, this.#fieldStart);
    this.#isBlankSoFar = this.#isBlank(chunk, chunk.length);
    this.#lastMark = this.#markBefore(chunk, chunk.length);
    this.#fieldStart -= chunk.length;
    this.#recordStart -= chunk.length;
  }

  /** To be called behind the last byte. @throws MillraceError `SOURCE_UNREADABLE` naming file and line */
  end(): CsvStructure {
    if (this.#hasPendingReturn) this.#endLine("\r", -1);
    if (this.#place === "quoted") throw this.#unreadable("a quote is opened and never closed");
    if (this.#recordStart < 0) {
      this.#fields?.take(this.#delimiters, nothing, this.#fieldStart, 0);
      this.#endRecord(0);
    }
    return {
      rows: Math.max(0, this.#records - this.#lead),
      hasQuotes: this.#hasQuotes,
      isAmbiguous: this.#isAmbiguous,
      hasMixedLineEnds: this.#hasMixedLineEnds,
      longestRowBytes: this.#longest,
      ...(this.#lineEnd === undefined ? {} : { lineEnd: this.#lineEnd }),
      ...(this.#lineSought === undefined ? {} : { line: this.#lineSought }),
    };
  }

  /** The byte order mark is no part of the first field. */
  #skipMark(chunk: Uint8Array): number {
    this.#isAtStart = false;
    if (chunk[0] !== 0xef || chunk[1] !== 0xbb || chunk[2] !== 0xbf) return 0;
    this.#fieldStart = 3;
    this.#recordStart = 3;
    return 3;
  }

  /** The loop that most bytes go through: whatever is greater than every mark is passed over, and counts stay in local variables. */
  #readPlain(chunk: Uint8Array, from: number): void {
    const delimiter = this.#delimiter;
    const quote = this.#quote;
    const greatest = Math.max(delimiter, quote, carriageReturn);
    const { length } = chunk;
    let fields = this.#fields;
    let delimiters = this.#delimiters;
    let fieldStart = this.#fieldStart;
    for (let at = from; at < length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (byte > greatest) continue;
      if (byte === delimiter) {
        fields?.take(delimiters, chunk, fieldStart, at);
        delimiters += 1;
        fieldStart = at + 1;
      } else if (byte === lineFeed || byte === carriageReturn || byte === quote) {
        this.#delimiters = delimiters;
        this.#fieldStart = fieldStart;
        at = this.#readMark(chunk, at, byte) - 1;
        delimiters = this.#delimiters;
        fieldStart = this.#fieldStart;
        fields = this.#fields;
      }
    }
    this.#delimiters = delimiters;
    this.#fieldStart = fieldStart;
  }

  /** @returns where reading goes on */
  #readMark(chunk: Uint8Array, at: number, byte: number): number {
    if (byte !== this.#quote) this.#fields?.take(this.#delimiters, chunk, this.#fieldStart, at);
    if (byte === lineFeed) this.#endLine("\n", at);
    else if (byte === carriageReturn) return this.#readReturn(chunk, at);
    else this.#openField(chunk, at);
    return this.#place === "plain" ? at + 1 : this.#readField(chunk, at + 1);
  }

  /** To the end of a quoted field, or of the chunk. */
  #readField(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length && this.#place !== "plain") {
      at = this.#place === "quoted" ? this.#readQuoted(chunk, at) : this.#readBehindQuote(chunk, at);
    }
    return at;
  }

  #readQuoted(chunk: Uint8Array, from: number): number {
    const quote = this.#quote;
    const greatest = Math.max(quote, carriageReturn);
    const start = this.#isJustOpened ? this.#readOpening(chunk, from) : from;
    for (let at = start; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (byte > greatest) continue;
      if (byte === quote) {
        this.#place = "behind quote";
        if (this.#markBefore(chunk, at) === this.#delimiter) this.#isAmbiguous = true;
        return at + 1;
      }
      if (byte === lineFeed || byte === carriageReturn) {
        this.#isAmbiguous = true;
        if (byte === lineFeed) this.#line += 1;
      }
    }
    return chunk.length;
  }

  #readBehindQuote(chunk: Uint8Array, at: number): number {
    const byte = chunk[at];
    if (byte === this.#quote) {
      this.#place = "quoted";
      this.#isAmbiguous = true;
      return at + 1;
    }
    if (byte !== this.#delimiter && byte !== lineFeed && byte !== carriageReturn) {
      throw this.#unreadable(
        "text behind a closing quote",
        "write a quote inside a quoted field twice, or set `csv.quote` if this mark is none",
      );
    }
    this.#place = "plain";
    return at;
  }

  /** A quote in the middle of a field, or in a line that is set aside, is a mark like any other. */
  #openField(chunk: Uint8Array, at: number): void {
    if (this.#records < this.#options.skip) return;
    if (at === this.#fieldStart) {
      this.#place = "quoted";
      this.#hasQuotes = true;
      this.#isJustOpened = true;
    } else if (this.#isBlank(chunk, at)) {
      throw this.#unreadable(
        "a space before an opening quote",
        "let quoted fields begin right behind the delimiter, or set `csv.quote` if this mark is none",
      );
    }
  }

  /** Whether quoted text begins with a delimiter, spaces aside, which looks like the end of another field. */
  #readOpening(chunk: Uint8Array, from: number): number {
    let at = from;
    while (chunk[at] === space) at += 1;
    if (at === chunk.length) return at;
    this.#isJustOpened = false;
    if (chunk[at] === this.#delimiter) this.#isAmbiguous = true;
    return at;
  }

  /** The byte before `at` that is no space. */
  #markBefore(chunk: Uint8Array, at: number): number {
    for (let index = at - 1; index >= 0; index -= 1) {
      const byte = chunk[index] ?? space;
      if (byte !== space) return byte;
    }
    return this.#lastMark;
  }

  /** Whether the present field has nothing but spaces before `at`. */
  #isBlank(chunk: Uint8Array, at: number): boolean {
    if (this.#fieldStart < 0 && !this.#isBlankSoFar) return false;
    for (let index = Math.max(0, this.#fieldStart); index < at; index += 1) if (chunk[index] !== space) return false;
    return true;
  }

  #readReturn(chunk: Uint8Array, at: number): number {
    const next = chunk[at + 1];
    this.#fieldStart = at + 1;
    if (next === undefined) this.#hasPendingReturn = true;
    else this.#endLine(next === lineFeed ? "\r\n" : "\r", at);
    return next === lineFeed ? at + 2 : at + 1;
  }

  /** The second half of a line end that two chunks share. */
  #finishReturn(chunk: Uint8Array): number {
    if (!this.#hasPendingReturn) return 0;
    this.#hasPendingReturn = false;
    const isPair = chunk[0] === lineFeed;
    this.#endLine(isPair ? "\r\n" : "\r", -1);
    return isPair ? 1 : 0;
  }

  /** @param at the first byte of the line end; -1 for the last one of the chunk before */
  #endLine(lineEnd: string, at: number): void {
    if (lineEnd !== (this.#lineEnd ??= lineEnd)) this.#mixLineEnds(lineEnd);
    this.#line += 1;
    this.#endRecord(at);
    this.#delimiters = 0;
    this.#fieldStart = at + lineEnd.length;
    this.#recordStart = this.#fieldStart;
    this.#recordLine = this.#line;
  }

  /**
   * The engine reads half of a line end as an empty line where the other lines end otherwise, and with one column that is a row.
   * Behind a return alone it leaves out a character where it has seen one with a line feed. Where the first line ends in a line
   * feed, it skips too many lines once one of them has a return as well; in the other order it counts rightly.
   */
  #mixLineEnds(lineEnd: string): void {
    this.#hasMixedLineEnds = true;
    const hint =
      "let all lines end alike; only line feeds with and without a return may be mixed, in files of two columns or more";
    if (this.#options.width === 1 || lineEnd === "\r" || this.#lineEnd === "\r") {
      throw this.#unreadable("the line ends otherwise than those before", hint);
    }
    if (this.#records < this.#options.skip && this.#lineEnd === "\n") {
      throw this.#unreadable(
        "a line before the rows ends otherwise than the first",
        "let all lines before the rows end alike",
      );
    }
  }

  #endRecord(at: number): void {
    const { width, skip, rowSought } = this.#options;
    const isEmptyLine = at === this.#recordStart;
    const isSetAside = this.#records < skip;
    // an empty line is an empty value where there is one column, and nothing where there are more
    if (isEmptyLine && width > 1 && !isSetAside) return;
    if (!isSetAside && this.#delimiters + 1 !== width) throw this.#wrongWidth(this.#delimiters + 1);
    this.#records += 1;
    if (this.#records === this.#lead) this.#fields = this.#options.fields;
    this.#longest = Math.max(this.#longest, at - this.#recordStart);
    if (this.#records - this.#lead === rowSought) this.#lineSought = this.#recordLine;
  }

  #wrongWidth(got: number): Error {
    return this.#unreadable(
      `expected ${this.#options.width} fields, as in the first line, got: ${got}`,
      "repair the file; lines that come before the header are set aside with `csv.skipLines`",
    );
  }

  #unreadable(problem: string, hint?: string): Error {
    return unreadableLine(this.#options.file, this.#recordLine, problem, hint);
  }
}
