// Shortens texts to what peers take. None is cut within a character.

const more = "…";

/** At most `length` UTF-16 units. */
export function clipText(text: string, length: number): string {
  return text.length <= length ? text : `${wholeStart(text, Math.max(0, length - more.length))}${more}`;
}

/** At most `maxBytes` bytes of UTF-8. */
export function clipBytes(text: string, maxBytes: number): string {
  if (byteLength(text) <= maxBytes) return text;
  const room = Math.max(0, maxBytes - byteLength(more));
  const bytes = Buffer.from(text).subarray(0, room);
  // a character that was cut is decoded to U+FFFD
  return `${bytes.toString("utf8").replace(/\uFFFD+$/, "")}${more}`;
}

/** Bytes of UTF-8. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

/** One line: control characters, line ends among them, become spaces. */
export function toLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}

function wholeStart(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isHalf ? length - 1 : length);
}
