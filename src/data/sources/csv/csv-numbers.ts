// Collects what decides which type holds the numbers of a column: the greatest number, and whether floats hold each
// one.

/**
 * The greatest of whole numbers, as their digits go by, as near as it decides on a type: where no type ends among the numbers of
 * one length, the last of them stands for all, and their digits need not be compared.
 */
export class GreatestNumber {
  /** Fewer digits than these need not be looked at. */
  notable = 1;
  #digits = new Uint8Array(40);
  #length = 0;

  /** Zero before the first number. */
  get value(): bigint {
    const length = this.#length;
    if (!decidingLengths.includes(length)) return 10n ** BigInt(length) - 1n;
    return BigInt(new TextDecoder().decode(this.#digits.subarray(0, length)));
  }

  /** Takes the digits between two places, at least `notable` ones, of which the first is no zero unless it is the only one. */
  take(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    const digits = length > this.#digits.length ? new Uint8Array(length) : this.#digits;
    let at = 0;
    if (length === this.#length) {
      while (at < length && bytes[from + at] === digits[at]) at += 1;
      if (at === length || (bytes[from + at] ?? 0) < (digits[at] ?? 0)) return;
    }
    for (; at < length; at += 1) digits[at] = bytes[from + at] ?? 0;
    this.#digits = digits;
    this.#length = length;
    this.notable = decidingLengths.includes(length) ? length : length + 1;
  }
}

/** Digits of the numbers among which a type of 8, 16, 32, 64 or 128 bits ends, with a sign or without; and of zero and the others. */
const decidingLengths: readonly number[] = [1, 3, 5, 10, 19, 20, 39];

/** Tells whether a double is just this number, or is written as it is; zeros at the end of the fraction aside. */
export function isOfDouble(text: string): boolean {
  const value = Number(text);
  return String(value) === text || isWritten(text, value, value.toExponential());
}

/** The same of a float of 32 bits. */
export function isOfFloat(text: string): boolean {
  const value = Math.fround(Number(text));
  return isWritten(text, value, shortestOfFloat(value));
}

function isWritten(text: string, value: number, written: string): boolean {
  if (!Number.isFinite(value)) return false;
  const [whole = "", fraction = ""] = text.split(".");
  if (toExponential(whole, fraction) === written) return true;
  return /^0*$/.test(fraction) && Number.isInteger(value) && BigInt(value) === BigInt(whole);
}

/** The fewest digits of which the nearest float is this one; nine are always enough. */
function shortestOfFloat(value: number): string {
  for (let digits = 0; digits < 8; digits += 1) {
    const written = value.toExponential(digits);
    if (Math.fround(Number(written)) === value) return written;
  }
  return value.toExponential(8);
}

/** As the method of numbers of this name, of any number of digits. */
function toExponential(whole: string, fraction: string): string {
  const digits = whole.replace("-", "") + fraction;
  const first = digits.search(/[1-9]/);
  if (first === -1) return "0e+0";
  const exponent = digits.length - fraction.length - first - 1;
  const others = digits.slice(first + 1).replace(/0+$/, "");
  const sign = whole.startsWith("-") ? "-" : "";
  return `${sign}${digits.charAt(first)}${others === "" ? "" : `.${others}`}e${exponent < 0 ? "" : "+"}${exponent}`;
}
