// Gives failures with the same code and the same shape of message the same fingerprint. It is pure, so that server,
// store and browser agree; a change of the rules splits old clusters, so it needs a note in the changelog.
import type { ErrorRecord } from "./errors.ts";

/**
 * 14 hexadecimal digits; the same for errors whose messages differ in numbers, ids, quoted values, addresses and paths only.
 * Names in backticks count, since they say what failed, unless they are the offending value. Only the first 2,000 characters
 * of a message are read.
 */
export function fingerprintError({ code, message }: Pick<ErrorRecord, "code" | "message">): string {
  return hash(`${code}\n${toShape(message)}`);
}

const maxCharacters = 2_000;

/** The message with a mark in the place of what varies. */
export function toShape(message: string): string {
  // As stores keep it, so that what was read again has the same shape.
  let shape = message.slice(0, maxCharacters).replaceAll("\0", "\uFFFD").toWellFormed();
  for (const [pattern, mark] of varying) shape = shape.replaceAll(pattern, mark);
  return shape.toLowerCase().trim();
}

// In this order: what contains numbers comes before numbers. No pattern backtracks over more than one character.
const varying: readonly (readonly [pattern: RegExp, mark: string])[] = [
  [/(\bgot:? *)`[^`]*`/g, "$1<value>"],
  [/"[^"\n]*"/g, "<value>"],
  // An apostrophe inside a word opens nothing.
  [/(?<![\p{L}\p{N}])'[^'\n]*'(?![\p{L}\p{N}])/gu, "<value>"],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s`)\]>,]+/gi, "<address>"],
  [/(?<![\w.])(?:[a-z]:)?[.~]{0,2}(?:[\\/][^\s\\/:`,;)\]<>]+){2,}/gi, "<path>"],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, "<id>"],
  [/\b(?=[a-z]*\d)(?=\d*[a-z])[0-9a-z]{12,}\b/gi, "<id>"],
  [/\b0x[0-9a-f]+\b/gi, "<id>"],
  [/\d+(?:[.,:\-T]\d+)*(?:Z\b)?/g, "<n>"],
  [/\s+/g, " "],
];

// cyrb53: 53 bits of a fast hash by multiplication; good enough to tell thousands of shapes apart.
function hash(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let position = 0; position < text.length; position += 1) {
    const unit = text.charCodeAt(position);
    a = Math.imul(a ^ unit, 2_654_435_761);
    b = Math.imul(b ^ unit, 1_597_334_677);
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  const high = (b >>> 0) & 0x1fffff;
  return (high * 4_294_967_296 + (a >>> 0)).toString(16).padStart(14, "0").slice(-14);
}
