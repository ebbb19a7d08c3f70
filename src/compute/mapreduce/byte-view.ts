// Views over the bytes of a record. They are used again for the next record, so that reading a field makes nothing that has to be
// collected, and texts are made only where they are asked for.
import type { CsvView, FieldView, LineView } from "../../core/mapreduce/map-reduce.ts";

const space = 32;
const quote = 34;

/** A range of bytes. */
export class ByteView implements FieldView {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  readonly #pool: ViewPool;

  constructor(pool: ViewPool) {
    this.#pool = pool;
  }

  get length(): number {
    return this.end - this.start;
  }

  text(): string {
    const { bytes, start, end } = this;
    // texts of a few characters are faster made here than asked for
    if (end - start <= 16) {
      let text = "";
      let at = start;
      while (at < end && (bytes[at] ?? 0) < 128) text += String.fromCharCode(bytes[at++] ?? 0);
      if (at === end) return text;
    }
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
  }

  number(): number {
    const { bytes, start, end } = this;
    let number = 0;
    let at = start;
    while (at < end && at - start < 15) {
      const digit = (bytes[at] ?? 0) - 48;
      if (digit < 0 || digit > 9) break;
      number = number * 10 + digit;
      at += 1;
    }
    if (at === end && end > start) return number;
    const text = this.text().trim();
    return text === "" ? Number.NaN : Number(text);
  }

  equals(text: string): boolean {
    return this.#begins(text) === this.end;
  }

  startsWith(text: string): boolean {
    return this.#begins(text) >= 0;
  }

  slice(start: number, end: number = this.length): FieldView {
    const from = clamp(start, this.length);
    return this.#pool.view(this.bytes, this.start + from, this.start + Math.max(from, clamp(end, this.length)));
  }

  toString(): string {
    return this.text();
  }

  protected part(start: number, end: number): ByteView {
    return this.#pool.view(this.bytes, start, end);
  }

  /** Where a text ends that the bytes begin with, or -1. */
  #begins(text: string): number {
    const { bytes, start, end } = this;
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (code >= 128) return this.#beginsUtf8(text);
      if (start + i >= end || bytes[start + i] !== code) return -1;
    }
    return start + text.length;
  }

  #beginsUtf8(text: string): number {
    const wanted = Buffer.from(text);
    const end = this.start + wanted.length;
    if (end > this.end) return -1;
    return wanted.every((byte, i) => this.bytes[this.start + i] === byte) ? end : -1;
  }
}

/** Hands out views for one record after the other. */
export class ViewPool {
  readonly #views: ByteView[] = [];
  #used = 0;

  /** All views may stand for something else from now on. */
  reset(): void {
    this.#used = 0;
  }

  view(bytes: Uint8Array, start: number, end: number): ByteView {
    let view = this.#views[this.#used];
    if (view === undefined) {
      view = new ByteView(this);
      this.#views.push(view);
    }
    this.#used += 1;
    view.bytes = bytes;
    view.start = start;
    view.end = end;
    return view;
  }
}

/** A line whose fields lie between single bytes. */
export class LineRecord extends ByteView implements LineView {
  readonly #separator: number;

  constructor(pool: ViewPool, separator: number = space) {
    super(pool);
    this.#separator = separator;
  }

  /** Whether the line has so many separators in front of a field. */
  has(index: number): boolean {
    const { bytes, end } = this;
    let left = index;
    for (let at = this.start; at < end && left > 0; at += 1) if (bytes[at] === this.#separator) left -= 1;
    return left === 0;
  }

  field(index: number): ByteView {
    const { bytes, end } = this;
    const separator = this.#separator;
    let at = this.start;
    for (let left = index; left > 0; left -= 1) {
      while (at < end && bytes[at] !== separator) at += 1;
      if (at >= end) return this.part(end, end);
      at += 1;
    }
    let last = at;
    while (last < end && bytes[last] !== separator) last += 1;
    return this.part(at, last);
  }
}

/** A line of CSV. Where its fields are is found once for each line. */
export class CsvRecord extends ByteView implements CsvView {
  readonly #separator: number;
  readonly #columns: ReadonlyMap<string, number>;
  readonly #pool: ViewPool;
  /** Start and end of each field that was found, without its quotes. */
  #edges = new Int32Array(64);
  #count = 0;

  constructor(pool: ViewPool, separator: number, columns: readonly string[]) {
    super(pool);
    this.#pool = pool;
    this.#separator = separator;
    this.#columns = new Map(columns.map((name, index) => [name, index]));
  }

  field(column: number | string): ByteView {
    const index = typeof column === "number" ? column : this.#columns.get(column);
    if (index === undefined) throw new RangeError(`the header has no column \`${column}\``);
    if (index >= this.#count) return this.part(this.end, this.end);
    const start = this.#edges[index * 2] ?? 0;
    const end = this.#edges[index * 2 + 1] ?? 0;
    if (end >= 0) return this.part(start, end);
    // the complement marks a field with quotes inside, which are doubled
    const text = Buffer.from(this.bytes.subarray(start, ~end)).toString("latin1").replaceAll('""', '"');
    const bytes = Buffer.from(text, "latin1");
    return this.#pool.view(bytes, 0, bytes.length);
  }

  /** Whether the line has a field, which may be empty. */
  has(index: number): boolean {
    return index < this.#count;
  }

  /** Finds the fields of the line that the view stands for. False when a quote is not closed, or closed within a field. */
  split(): boolean {
    const { bytes, end } = this;
    const separator = this.#separator;
    let at = this.start;
    this.#count = 0;
    for (;;) {
      if (at < end && bytes[at] === quote) {
        const closed = this.#quoted(at + 1);
        if (closed < 0) return false;
        at = closed;
      } else {
        const start = at;
        while (at < end && bytes[at] !== separator) at += 1;
        this.#add(start, at);
      }
      if (at >= end) return true;
      at += 1;
    }
  }

  /** All fields as texts. */
  texts(): string[] {
    return Array.from({ length: this.#count }, (_, index) => this.field(index).text());
  }

  #quoted(start: number): number {
    const { bytes, end } = this;
    let isEscaped = false;
    for (let at = start; at < end; at += 1) {
      if (bytes[at] !== quote) continue;
      if (bytes[at + 1] === quote && at + 1 < end) {
        isEscaped = true;
        at += 1;
        continue;
      }
      this.#add(start, isEscaped ? ~at : at);
      return at + 1 === end || bytes[at + 1] === this.#separator ? at + 1 : -1;
    }
    return -1;
  }

  #add(start: number, end: number): void {
    if (this.#count * 2 === this.#edges.length) {
      const grown = new Int32Array(this.#edges.length * 2);
      grown.set(this.#edges);
      this.#edges = grown;
    }
    this.#edges[this.#count * 2] = start;
    this.#edges[this.#count * 2 + 1] = end;
    this.#count += 1;
  }
}

/** Counts from the end below 0, as `Array.slice` does. */
function clamp(index: number, length: number): number {
  return index < 0 ? Math.max(0, length + index) : Math.min(index, length);
}
