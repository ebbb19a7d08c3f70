// The one way in which SQL is refused that does not mean the same to both engines.
import { MillraceError } from "../../../core/errors/errors.ts";

/** Why something is refused. */
export interface Refusal {
  /** Where it begins, in characters from the start of the text. */
  readonly at: number;
  /** Completes "… is not portable: …", such as ``the function `concat` ``. */
  readonly what: string;
  /** How the engines differ. */
  readonly why: string;
  /** What to write in its place. */
  readonly instead: string;
}

/** Thrown by the parser; `assertPortable`, which has the text, makes a `MillraceError` of it. */
export class NotPortable extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.what);
    this.refusal = refusal;
  }
}

/** Of whom the query is. */
export interface QueryOwner {
  /** Names the query, for messages. */
  readonly where: string;
  /** The option that has it, where there is one. */
  readonly option?: readonly PropertyKey[];
}

/** Line and column count from 1. */
export function toPortableError(
  sql: string,
  { at, what, why, instead }: Refusal,
  { where, option }: QueryOwner,
): MillraceError {
  const lines = sql.slice(0, at).split("\n");
  const [line, column] = [lines.length, (lines.at(-1) ?? "").length + 1];
  return new MillraceError("SQL_INVALID", `${where} is not portable at ${line}:${column}: ${what}: ${why}`, {
    hint: instead,
    details: { line, column, ...(option === undefined ? {} : { option }) },
  });
}
