// Learns what the values of one column have in common while the bytes of a file go by, so that no value is looked at again to infer
// a type. A number has no leading zero, no plus, no exponent, and no sign at zero.
import { GreatestNumber, isOfDouble, isOfFloat } from "./csv-numbers.ts";
import { type TextKind, type TextProfile, textProfile } from "./csv-profile.ts";
import { hasBytes, isBoolean, isDate, timestampForm } from "./csv-values.ts";

/** Takes the values of one column of one file. */
export class CsvProfiler {
  /** Texts that stand for no value. */
  readonly #nulls: readonly Uint8Array[];
  #kind: TextKind | undefined;
  readonly #greatest = new GreatestNumber();
  /** The greatest of the numbers below zero, without the sign. */
  readonly #lowest = new GreatestNumber();
  #scale = 0;
  #digitsBehind = 0;
  #isDouble = true;
  #isFloat: boolean;
  #form: string | undefined;

  /**
   * @param nulls texts that stand for no value, as they are in the file; an empty one always does
   * @param wantsFloat whether it is asked if floats of 32 bits hold the numbers, which takes a longer look at each of them
   */
  constructor(nulls: readonly Uint8Array[], wantsFloat = false) {
    this.#nulls = nulls;
    this.#isFloat = wantsFloat;
  }

  get profile(): TextProfile {
    if (this.#kind === "text") return textProfile;
    return {
      ...(this.#kind === undefined ? {} : { kind: this.#kind }),
      ...(this.#form === undefined ? {} : { form: this.#form }),
      lowest: -this.#lowest.value,
      highest: this.#greatest.value,
      scale: this.#scale,
      digitsBehind: this.#digitsBehind,
      isDouble: this.#isDouble,
      isFloat: this.#isFloat,
    };
  }

  /**
   * Takes the value between two places, without its quotes.
   * @returns false once the column is text, whatever comes
   */
  take(bytes: Uint8Array, from: number, to: number): boolean {
    if (from === to || (this.#nulls.length > 0 && this.#isNull(bytes, from, to))) return true;
    return this.#isOfKind(bytes, from, to) || this.refute();
  }

  /** Makes the column one of text. */
  refute(): false {
    this.#kind = "text";
    return false;
  }

  #isNull(bytes: Uint8Array, from: number, to: number): boolean {
    return this.#nulls.some((text) => hasBytes(bytes, from, to, text));
  }

  #isOfKind(bytes: Uint8Array, from: number, to: number): boolean {
    switch (this.#kind) {
      case "number":
        return this.#takeNumber(bytes, from, to);
      case "boolean":
        return isBoolean(bytes, from, to);
      case "date":
        return isDate(bytes, from, to);
      case "timestamp":
        return timestampForm(bytes, from, to) === this.#form;
      case "text":
        return false;
      case undefined:
        return this.#takeFirst(bytes, from, to);
    }
  }

  #takeFirst(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#takeNumber(bytes, from, to)) this.#kind = "number";
    else if (isBoolean(bytes, from, to)) this.#kind = "boolean";
    else if (isDate(bytes, from, to)) this.#kind = "date";
    else {
      this.#form = timestampForm(bytes, from, to);
      if (this.#form !== undefined) this.#kind = "timestamp";
    }
    return this.#kind !== undefined;
  }

  #takeNumber(bytes: Uint8Array, from: number, to: number): boolean {
    const start = bytes[from] === minus ? from + 1 : from;
    const point = endOfDigits(bytes, start, to);
    const whole = point - start;
    if (whole === 0 || (whole > 1 && bytes[start] === zero)) return false;
    const scale = point === to ? 0 : to - point - 1;
    if (point < to && (bytes[point] !== mark || scale === 0 || endOfDigits(bytes, point + 1, to) < to)) return false;
    if (start > from && bytes[start] === zero && isZero(bytes, start, to)) return false;
    const extreme = start > from ? this.#lowest : this.#greatest;
    if (whole >= extreme.notable) extreme.take(bytes, start, point);
    if (scale > this.#digitsBehind) this.#takeFraction(bytes, point + 1, to);
    if (this.#isFloat || (this.#isDouble && to - from > surelyDouble)) this.#takeFloat(bytes.subarray(from, to));
    return true;
  }

  #takeFraction(bytes: Uint8Array, from: number, to: number): void {
    this.#scale = Math.max(this.#scale, to - from);
    let end = to;
    while (end > from && bytes[end - 1] === zero) end -= 1;
    this.#digitsBehind = Math.max(this.#digitsBehind, end - from);
  }

  #takeFloat(bytes: Uint8Array): void {
    const text = decoder.decode(bytes);
    this.#isDouble &&= text.length <= surelyDouble || isOfDouble(text);
    this.#isFloat &&= isOfFloat(text);
  }
}

const decoder = new TextDecoder();
const [minus, mark, zero, nine] = [45, 46, 48, 57] as const;
/** Fifteen digits survive in any double. */
const surelyDouble = 15;

function endOfDigits(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  for (; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < zero || byte > nine) break;
  }
  return at;
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] !== zero && bytes[at] !== mark) return false;
  return true;
}
