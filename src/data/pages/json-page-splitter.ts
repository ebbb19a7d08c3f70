// Splits a JSON answer into rows while it comes: rows go out one a line, byte for byte, and what is beside them is kept as a
// small document. Memory follows the longest row and never the answer.
import { MillraceError } from "../../core/errors/errors.ts";
import { PageEnvelope } from "./page-envelope.ts";
import { needMore } from "./need-more.ts";
import { RowRuns, type RowSink, type WatchedRow } from "./row-runs.ts";
import { endsInRows, printRowsPath, type RowsPath } from "./rows-path.ts";
import { RowScanner } from "./row-scanner.ts";
import { createPlace, type Place } from "./key-place.ts";

export interface SplitterOptions {
  readonly path: RowsPath;
  /** Whether an answer without the path has no row. Default: it is an error. */
  readonly isOptional?: boolean;
  /** Column for the name of the field that `*` at the end of the path stands for. */
  readonly keyColumn?: string;
  /** Field of rows whose value decides whether a row stays. */
  readonly watch?: WatchedRow;
  /** Default 16 MiB. */
  readonly maxRowBytes?: number;
}

/** What an answer was, once it has ended. */
export interface SplitPage {
  /** Rows in it, also those that were left out. */
  readonly rows: number;
  /** Rows that went out. */
  readonly kept: number;
  /** Says which rows these are. */
  readonly fingerprint: string;
  /** JSON text of the answer without its rows, or of a document that is a row. */
  readonly envelope: string;
  /** Why the rows could not be found, of an answer that is JSON all the same. */
  readonly problem: MillraceError | undefined;
  /** JSON text of the last row. */
  readonly lastRow: string | undefined;
}

/** Splits one answer after the other; what it has found at each place of rows is in `place`. */
export class JsonPageSplitter {
  /** Takes what is found at the places of rows; whoever may take an answer back gives each one its own. */
  place: Place = createPlace();
  readonly #options: SplitterOptions;
  readonly #scanner: RowScanner;
  readonly #maxRowBytes: number;
  #runs: RowRuns;
  #name = "";
  #envelope = new PageEnvelope();
  #frames: Frame[] = [];
  /** Bytes of the answer before those in the buffer. */
  #before = 0;
  /** Where to read next in the buffer, and how much must have come before that is worth while. */
  #at = 0;
  #waitFor = 0;
  #isDone = false;
  #problem: MillraceError | undefined;
  #key: string | undefined;

  constructor(options: SplitterOptions) {
    this.#options = options;
    this.#maxRowBytes = options.maxRowBytes ?? 16 * 1024 ** 2;
    this.#scanner = new RowScanner((problem, at) => this.#unreadable(problem, at));
    this.#scanner.bytes = new Uint8Array(startBytes);
    this.#runs = new RowRuns(
      this.#scanner,
      { write: () => undefined, endLine: () => undefined },
      { ...options, name: "" },
    );
  }

  /** The longest row so far. */
  get longestRow(): number {
    return this.#runs.longest;
  }

  /**
   * Starts an answer.
   * @param name for messages, such as `page 3`
   * @param page counts all answers, from 1
   */
  begin(name: string, page: number, sink: RowSink): void {
    const { longest } = this.#runs;
    this.#options.watch?.beginPage();
    this.#name = name;
    this.#runs = new RowRuns(this.#scanner, sink, { ...this.#options, name });
    this.#runs.longest = longest;
    this.#envelope = new PageEnvelope();
    this.#frames = [];
    [this.#before, this.#at, this.#waitFor, this.#isDone, this.#key] = [0, 0, 0, false, undefined];
    this.#problem = undefined;
    this.#scanner.page = page;
    this.#scanner.end = 0;
  }

  /** Takes the next bytes. @throws MillraceError `SOURCE_UNREADABLE` with page, row and byte */
  push(chunk: Uint8Array): void {
    this.#append(chunk);
    if (this.#scanner.end >= this.#waitFor) this.#read(false);
  }

  /** Ends the answer. @throws MillraceError `SOURCE_UNREADABLE` also for one that ends too early */
  end(): SplitPage {
    this.#read(true);
    if (!this.#isDone) throw this.#unreadable("the answer ends within a value", this.#scanner.end);
    const { rows, kept, fingerprint, lastRow } = this.#runs.finish();
    const isRow = this.#options.path.kind === "document";
    return {
      rows,
      kept,
      fingerprint,
      lastRow,
      problem: this.#problem,
      envelope: isRow && this.#problem === undefined ? (lastRow ?? "") : this.#envelope.text(),
    };
  }

  #append(chunk: Uint8Array): void {
    const scanner = this.#scanner;
    const needed = scanner.end + chunk.length + 1;
    if (needed > scanner.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, scanner.bytes.length * 2));
      larger.set(scanner.bytes.subarray(0, scanner.end));
      scanner.bytes = larger;
    }
    scanner.bytes.set(chunk, scanner.end);
    scanner.end += chunk.length;
    scanner.bytes[scanner.end] = 0;
  }

  #read(isLast: boolean): void {
    const scanner = this.#scanner;
    try {
      for (;;) this.#step();
    } catch (error) {
      if (error !== needMore) throw error;
    }
    if (isLast) return;
    const rest = scanner.end - this.#at;
    if (rest > this.#maxRowBytes) throw this.#tooLong();
    this.#runs.flush();
    scanner.bytes.copyWithin(0, this.#at, scanner.end);
    this.#before += this.#at;
    scanner.end = rest;
    scanner.bytes[rest] = 0;
    this.#at = 0;
    // a value that goes on is read again from its start, so that it must have grown to be worth it
    this.#waitFor = rest * 2;
  }

  /** Reads one more token, or value, and remembers how far it came. Throws `needMore` at the end, also of an answer that is over. */
  #step(): void {
    const scanner = this.#scanner;
    const frame = this.#frames.at(-1);
    if (frame?.kind === "rows") return this.#rows(frame);
    scanner.pos = scanner.space(this.#start());
    const byte = scanner.bytes[scanner.pos] ?? 0;
    if (frame === undefined) {
      if (!this.#isDone) this.#value(0);
      else throw scanner.unexpected(scanner.pos);
    } else if (frame.phase === "comma" && byte === 0x2c) {
      frame.phase = "item";
      scanner.pos += 1;
    } else if (frame.phase !== "item" && byte === (frame.kind === "object" ? 0x7d : 0x5d)) {
      this.#close(frame);
    } else if (frame.phase === "comma") {
      throw scanner.unexpected(scanner.pos);
    } else if (frame.kind === "object") {
      this.#field(frame);
    } else {
      this.#value(this.#below(frame, "*"));
    }
    this.#at = scanner.pos;
  }

  /** Behind a byte order mark. */
  #start(): number {
    const { bytes, end } = this.#scanner;
    if (this.#before > 0 || this.#at > 0 || this.#isDone || bytes[0] !== 0xef) return this.#at;
    if (end < 3) throw needMore;
    return bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  }

  /** A name of an object, its colon, and its value as far as that is one token. */
  #field(frame: Frame): void {
    const scanner = this.#scanner;
    if (scanner.bytes[scanner.pos] !== 0x22) throw scanner.unexpected(scanner.pos);
    const start = scanner.pos;
    const end = scanner.endOfText(start);
    const text = this.#text(start, end);
    const colon = scanner.space(end);
    if (scanner.bytes[colon] !== 0x3a) throw scanner.unexpected(colon);
    scanner.pos = scanner.space(colon + 1);
    // the whole value has to be there, unless it is one that is looked into
    const name = JSON.parse(text) as string;
    const below = this.#below(frame, name);
    this.#key = name;
    this.#value(below, text);
    if (below > frame.depth) frame.isFound = true;
  }

  /** How much of the path is behind what is below a frame; -1 for what is not on the path. */
  #below({ depth }: Frame, name: string): number {
    const wanted = this.#options.path.names[depth];
    return wanted === name || wanted === "*" ? depth + 1 : -1;
  }

  #value(depth: number, key?: string): void {
    const scanner = this.#scanner;
    const { path } = this.#options;
    if (scanner.pos >= scanner.end) throw needMore;
    if (depth === path.names.length) return this.#found(key);
    if (depth < 0) {
      const start = scanner.pos;
      scanner.value(createPlace(), 1);
      this.#envelope.add(key, this.#text(start, scanner.pos), () =>
        this.#unreadable("there is too much beside its rows", start),
      );
      return this.#afterValue();
    }
    const byte = scanner.bytes[scanner.pos] ?? 0;
    if (byte === 0x7b) this.#open("object", depth, key);
    else if (byte === 0x5b && path.names[depth] === "*") this.#open("list", depth, key);
    else this.#misfit(depth, "an object", key);
  }

  /** What is at the end of the path. */
  #found(key: string | undefined): void {
    const scanner = this.#scanner;
    const { path } = this.#options;
    const byte = scanner.bytes[scanner.pos] ?? 0;
    if (byte === 0x7b && endsInRows(path)) {
      const start = scanner.pos;
      scanner.row(this.place);
      this.#runs.add(start, scanner.pos, this.#key);
      return this.#afterValue();
    }
    if (byte === 0x5b && path.kind === "rows") this.#open("rows", path.names.length, key);
    else this.#misfit(path.names.length, endsInRows(path) ? "an object, which is a row" : "a list of objects", key);
  }

  #open(kind: Frame["kind"], depth: number, key: string | undefined): void {
    const isWhole = kind === "rows" && this.#options.path.names.at(-1) !== "*";
    if (kind !== "rows" || isWhole) this.#envelope.open(key, kind === "object" ? "{" : "[");
    this.#frames.push({ kind, depth, phase: "first", isFound: false, isWhole: kind !== "rows" || isWhole });
    this.#scanner.pos += 1;
  }

  #close(frame: Frame): void {
    const { path, isOptional = false } = this.#options;
    const name = path.names[frame.depth];
    if (frame.kind === "object" && !frame.isFound && name !== "*" && !isOptional) {
      const problem = `expected ${printRowsPath(path, frame.depth + 1)} to be there, and ${this.#envelope.fieldsOfLast()}`;
      this.#problem ??= this.#unreadable(problem, this.#scanner.pos);
    }
    if (frame.isWhole) this.#envelope.close(frame.kind === "object" ? "}" : "]");
    this.#scanner.pos += 1;
    this.#frames.pop();
    this.#afterValue();
  }

  #afterValue(): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) this.#isDone = true;
    else frame.phase = "comma";
  }

  /** Rows of one list, as many as have come. */
  #rows(frame: Frame): void {
    const scanner = this.#scanner;
    const { bytes } = scanner;
    for (;;) {
      let at = scanner.space(this.#at);
      if (frame.phase === "comma" && bytes[at] === 0x2c) {
        // rows one after the other are lines as soon as this is a line end
        bytes[at] = 0x20;
        this.#runs.separate(at);
        this.#at = at + 1;
        frame.phase = "item";
        at = scanner.space(at + 1);
      } else if (frame.phase !== "item" && bytes[at] === 0x5d) {
        scanner.pos = at;
        this.#close(frame);
        this.#at = scanner.pos;
        return;
      } else if (frame.phase === "comma") throw scanner.unexpected(at);
      scanner.pos = at;
      if (bytes[at] !== 0x7b) throw this.#noRow(at);
      scanner.row(this.place);
      this.#runs.add(at, scanner.pos, undefined);
      this.#at = scanner.pos;
      frame.phase = "comma";
    }
  }

  /** A value of another kind: the answer is read to its end all the same, since it may say what is wrong. */
  #misfit(depth: number, expected: string, key: string | undefined): void {
    const scanner = this.#scanner;
    const start = scanner.pos;
    scanner.value(createPlace(), 1);
    const where = printRowsPath(this.#options.path, depth);
    const problem = `expected ${where} to be ${expected}, got: ${this.#kindAt(start)}`;
    const isOneObject = depth === 0 && this.#scanner.bytes[start] === 0x7b;
    this.#problem ??= this.#unreadable(problem, start, isOneObject ? wholeAnswerHint : undefined);
    const tooLarge = (): MillraceError => this.#problem ?? this.#tooLong();
    this.#envelope.add(key, this.#text(start, scanner.pos), tooLarge);
    this.#afterValue();
  }

  /** What to throw for an item that is no object; `needMore` until it is whole, so that what is no JSON is said to be that. */
  #noRow(at: number): Error {
    if (at >= this.#scanner.end) return needMore;
    this.#scanner.value(createPlace(), 1);
    const where = printRowsPath(this.#options.path);
    return this.#unreadable(`expected ${where} to be a list of objects, got in it: ${this.#kindAt(at)}`, at);
  }

  #kindAt(start: number): string {
    const byte = this.#scanner.bytes[start] ?? 0;
    return kinds[String.fromCodePoint(byte)] ?? "a number";
  }

  #text(start: number, end: number): string {
    try {
      return utf8.decode(this.#scanner.bytes.subarray(start, end));
    } catch {
      throw this.#unreadable("a text is no UTF-8", start);
    }
  }

  #tooLong(): MillraceError {
    return this.#unreadable(`a value is longer than ${this.#maxRowBytes} bytes`, this.#at);
  }

  #unreadable(problem: string, at: number, hint = compareHint): MillraceError {
    const row = this.#runs.rows === 0 ? "" : `, behind row ${this.#runs.rows}`;
    return new MillraceError("SOURCE_UNREADABLE", `${this.#name}${row}, byte ${this.#before + at}: ${problem}`, {
      hint,
    });
  }
}

const compareHint = "compare the answer of the service with `read` of the source";
const wholeAnswerHint =
  '`read.rows` says in which field the rows are; `read: { rows: "." }` takes the whole answer for one row';

interface Frame {
  /** `rows` is a list whose items are rows. */
  readonly kind: "object" | "list" | "rows";
  /** How much of the path is behind it. */
  readonly depth: number;
  phase: "first" | "item" | "comma";
  /** Whether what the path needs next was there. */
  isFound: boolean;
  /** Whether it stands in the envelope. */
  readonly isWhole: boolean;
}

/** What a value is, by its first character. */
const kinds: Readonly<Record<string, string>> = {
  "{": "an object",
  "[": "a list",
  '"': "a text",
  n: "null",
  t: "true or false",
  f: "true or false",
};

const startBytes = 256 * 1024;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
