// Ids that peers tell messages by, within the length that they take.
import { createHash } from "node:crypto";

const digits = 32;

/** The text itself, or its start with a hash of the whole: equal texts have equal ids, others have others. */
export function boundedId(text: string, length: number): string {
  if (text.length <= length) return text;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, digits);
  return `${text.slice(0, length - digits - 1).toWellFormed()}#${hash}`;
}
