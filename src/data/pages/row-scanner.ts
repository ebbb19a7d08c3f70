// Reads JSON values in a buffer, byte by byte and without making anything of them: where a value ends, whether it is JSON, and
// what is at each of its places. Line ends between values become spaces in the buffer, so that a row is a line.
import { fitsDouble } from "../../compute/fits-double.ts";
import type { MillraceError } from "../../core/errors/errors.ts";
import { findDateForm } from "./date-forms.ts";
import { addField, createPlace, type Field, kindBits, maxKeys, type Place, turnIntoValues } from "./key-place.ts";
import { needMore } from "./need-more.ts";

/** A row with more is a map that was taken for a row. */
const maxColumns = 10_000;
const maxDepth = 500;

/** Behind the bytes of the buffer there is always a zero, which is in no JSON text: every loop ends there. */
export class RowScanner {
  bytes: Uint8Array = new Uint8Array(1);
  /** End of what has come. */
  end = 0;
  /** Where to read next. */
  pos = 0;
  /** From 1. */
  page = 0;
  /** Start and end of each number of the row that the engine would not read as it is written. */
  readonly quotes: number[] = [];
  /** The field at the top of rows whose value is wanted, and where it is in the row; -1 where the row has none. */
  watch: string | undefined;
  watchStart = -1;
  watchEnd = -1;
  readonly #fail: (problem: string, at: number) => MillraceError;
  #objects = 0;

  /** @param fail makes the error for what is no JSON, with its place in the buffer */
  constructor(fail: (problem: string, at: number) => MillraceError) {
    this.#fail = fail;
  }

  /** Reads an object at `pos`. @throws `needMore`, and the error that `fail` makes */
  row(place: Place): void {
    this.quotes.length = 0;
    this.watchStart = -1;
    this.watchEnd = -1;
    this.#object(place, 0);
  }

  /** Reads any value at `pos`. */
  value(place: Place, depth: number): void {
    const byte = this.bytes[this.pos] ?? 0;
    switch (byte) {
      case 0x22: // "
        return this.#text(place);
      case 0x7b: // {
        return this.#object(place, depth);
      case 0x5b: // [
        return this.#list(place, depth);
      case 0x74: // t
        place.kinds |= kindBits.boolean;
        return this.#word(trueBytes);
      case 0x66: // f
        place.kinds |= kindBits.boolean;
        return this.#word(falseBytes);
      case 0x6e: // n
        place.kinds |= kindBits.null;
        return this.#word(nullBytes);
      default:
        if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return this.#number(place);
        throw this.unexpected(this.pos);
    }
  }

  /** Behind white space. */
  space(from: number): number {
    const bytes = this.bytes;
    let at = from;
    for (;;) {
      const byte = bytes[at] ?? 0;
      if (byte > 0x20) return at;
      if (byte === 0x0a || byte === 0x0d) bytes[at] = 0x20;
      else if (byte !== 0x20 && byte !== 0x09) return at;
      at += 1;
    }
  }

  /** Behind the text that starts at `from` with a quote. */
  endOfText(from: number): number {
    const bytes = this.bytes;
    let at = from + 1;
    for (;;) {
      const byte = bytes[at] ?? 0;
      if (byte === 0x22) return at + 1;
      if (byte === 0x5c) at = this.#endOfEscape(at);
      else if (byte < 0x20)
        throw at < this.end ? this.#fail("a text has a line end or another control character", at) : needMore;
      else at += 1;
    }
  }

  /** What to throw for a byte that cannot be there: `needMore` when it is only not there yet. */
  unexpected(at: number): Error {
    return at >= this.end ? needMore : this.#fail("it is no JSON", at);
  }

  #object(place: Place, depth: number): void {
    if (depth > maxDepth) throw this.#fail(`values are nested more than ${maxDepth} deep`, this.pos);
    place.kinds |= kindBits.object;
    if (place.values === undefined) place.fields ??= [];
    const object = (this.#objects += 1);
    const bytes = this.bytes;
    const isWatched = depth === 0 && this.watch !== undefined;
    let at = this.space(this.pos + 1);
    if (bytes[at] === 0x7d) {
      this.pos = at + 1;
      return;
    }
    for (let next = 0; ;) {
      const field = this.#field(place, next, at, depth);
      at = this.space(this.pos);
      if (bytes[at] !== 0x3a) throw this.unexpected(at);
      this.pos = this.space(at + 1);
      if (field === undefined) this.value((place.values ??= createPlace()), depth + 1);
      else {
        this.#notice(field, object, depth);
        const start = this.pos;
        this.value(field.place, depth + 1);
        if (isWatched && field.name === this.watch) [this.watchStart, this.watchEnd] = [start, this.pos];
        next = field.index + 1;
      }
      at = this.space(this.pos);
      const byte = bytes[at];
      if (byte === 0x7d) break;
      if (byte !== 0x2c) throw this.unexpected(at);
      at = this.space(at + 1);
    }
    this.pos = at + 1;
  }

  /** The field whose name is at `at`, most often the one behind the field before; `undefined` when names are data. */
  #field(place: Place, next: number, at: number, depth: number): Field | undefined {
    const bytes = this.bytes;
    if (bytes[at] !== 0x22) throw this.unexpected(at);
    const likely = place.fields?.[next];
    if (likely !== undefined) {
      const wanted = likely.bytes;
      const length = wanted.length;
      let index = 0;
      while (index < length && bytes[at + 1 + index] === wanted[index]) index += 1;
      if (index === length && bytes[at + 1 + length] === 0x22) {
        this.pos = at + length + 2;
        return likely;
      }
    }
    const end = this.endOfText(at);
    this.pos = end;
    if (place.values !== undefined) return undefined;
    const name = this.#decode(at, end);
    const known = place.byName?.get(name);
    if (known !== undefined) return known;
    const count = place.fields?.length ?? 0;
    if (depth === 0 && count >= maxColumns) {
      throw this.#fail(`rows have more than ${maxColumns} different fields, so that their names seem to be data`, at);
    }
    if (depth > 0 && count >= maxKeys) {
      turnIntoValues(place);
      return undefined;
    }
    return addField(place, name, bytes.slice(at + 1, end - 1));
  }

  #notice(field: Field, object: number, depth: number): void {
    if (field.seenIn === object) throw this.#fail(`an object has field \`${field.name}\` twice`, this.pos);
    if (field.twin?.seenIn === object) {
      throw this.#fail(
        `an object has fields \`${field.twin.name}\` and \`${field.name}\`, which are one column`,
        this.pos,
      );
    }
    field.seenIn = object;
    if (field.seenOn === this.page || depth > 0) return;
    field.seenOn = this.page;
    field.pages += 1;
    if (field.firstPage === 0) field.firstPage = this.page;
  }

  #list(place: Place, depth: number): void {
    if (depth > maxDepth) throw this.#fail(`values are nested more than ${maxDepth} deep`, this.pos);
    place.kinds |= kindBits.list;
    const element = (place.element ??= createPlace());
    const bytes = this.bytes;
    let at = this.space(this.pos + 1);
    if (bytes[at] === 0x5d) {
      this.pos = at + 1;
      return;
    }
    for (;;) {
      this.pos = at;
      this.value(element, depth + 1);
      at = this.space(this.pos);
      const byte = bytes[at];
      if (byte === 0x5d) break;
      if (byte !== 0x2c) throw this.unexpected(at);
      at = this.space(at + 1);
    }
    this.pos = at + 1;
  }

  #text(place: Place): void {
    const start = this.pos;
    const end = this.endOfText(start);
    place.kinds |= kindBits.text;
    if (place.dateForms !== 0) place.dateForms &= findDateForm(this.bytes, start + 1, end - 1);
    this.pos = end;
  }

  #endOfEscape(at: number): number {
    const bytes = this.bytes;
    const letter = bytes[at + 1] ?? 0;
    if (at + 1 >= this.end) throw needMore;
    if (letter !== 0x75) {
      // " \ / b f n r t
      const isKnown =
        letter === 0x22 ||
        letter === 0x5c ||
        letter === 0x2f ||
        letter === 0x62 ||
        letter === 0x66 ||
        letter === 0x6e ||
        letter === 0x72 ||
        letter === 0x74;
      if (!isKnown) throw this.#fail("a text has an escape that JSON does not know", at);
      return at + 2;
    }
    for (let index = at + 2; index < at + 6; index += 1) {
      if (index >= this.end) throw needMore;
      if (!isHex(bytes[index] ?? 0)) throw this.#fail("a text has an escape that JSON does not know", at);
    }
    return at + 6;
  }

  #number(place: Place): void {
    const bytes = this.bytes;
    const start = this.pos;
    const first = bytes[start] === 0x2d ? start + 1 : start;
    let at = bytes[first] === 0x30 ? first + 1 : this.#digits(first);
    const whole = at - first;
    let scale = 0;
    if (bytes[at] === 0x2e) {
      const point = at;
      at = this.#digits(at + 1);
      scale = at - point - 1;
    }
    const hasExponent = ((bytes[at] ?? 0) | 0x20) === 0x65;
    if (hasExponent) {
      const sign = bytes[at + 1];
      at = this.#digits(sign === 0x2b || sign === 0x2d ? at + 2 : at + 1);
    }
    if (at >= this.end) throw needMore;
    this.pos = at;
    if (whole > place.wholeDigits) place.wholeDigits = whole;
    if (scale === 0 && !hasExponent) {
      place.kinds |= kindBits.integer;
      if (whole > 15) this.#longNumber(place, start, at, whole > 18);
      return;
    }
    place.kinds |= kindBits.number;
    if (scale > place.scaleDigits) place.scaleDigits = scale;
    if (hasExponent) place.hasExponent = true;
    // what a double would be written as otherwise: with an exponent, zeros at its end, or too many digits
    const hasZeros = (scale > 1 && bytes[at - 1] === 0x30) || (scale > 4 && whole === 1 && bytes[first] === 0x30);
    if (hasExponent || hasZeros || whole + scale > 15) this.#longNumber(place, start, at, true);
  }

  #longNumber(place: Place, start: number, end: number, isToQuote: boolean): void {
    if (isToQuote) {
      place.isQuoted = true;
      this.quotes.push(start, end);
    }
    const text = latin1.decode(this.bytes.subarray(start, end));
    if (!place.isBeyondDouble && !fitsDouble(text)) place.isBeyondDouble = true;
    if (place.isBeyondInteger || /[.eE]/.test(text)) return;
    const integer = BigInt(text);
    place.isBeyondInteger = BigInt.asIntN(64, integer) !== integer;
  }

  /** Behind one or more digits. */
  #digits(from: number): number {
    const bytes = this.bytes;
    let at = from;
    for (;;) {
      const byte = bytes[at] ?? 0;
      if (byte < 0x30 || byte > 0x39) break;
      at += 1;
    }
    if (at === from) throw this.unexpected(at);
    return at;
  }

  #word(word: Uint8Array): void {
    for (let index = 1; index < word.length; index += 1) {
      if (this.bytes[this.pos + index] !== word[index]) throw this.unexpected(this.pos + index);
    }
    this.pos += word.length;
  }

  #decode(start: number, end: number): string {
    try {
      return JSON.parse(utf8.decode(this.bytes.subarray(start, end))) as string;
    } catch {
      throw this.#fail("the name of a field is no UTF-8", start);
    }
  }
}

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

const [trueBytes, falseBytes, nullBytes] = ["true", "false", "null"].map((word) => new TextEncoder().encode(word)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const latin1 = new TextDecoder("latin1");
