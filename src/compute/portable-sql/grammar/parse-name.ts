// Reads a name: a word that the grammar does not need, or anything in double quotes.
import { reservedWords } from "./reserved-words.ts";
import type { TokenReader } from "./token-reader.ts";

/** @throws NotPortable */
export function parseName(reader: TokenReader): void {
  if (!isName(reader)) throw reader.refuse(reader.unexpected("a name, in double quotes where it is a word of SQL"));
  reader.take();
}

/** Whether a name comes next. */
export function isName(reader: TokenReader): boolean {
  const { kind, value } = reader.peek();
  return kind === "quoted" || (kind === "word" && !reservedWords.has(value));
}
