// What is wrong with a csv file, in one form: file, line, and never the line's text, which is data.
import { MillraceError } from "../../../core/errors/errors.ts";

/** @param line from 1, as an editor counts */
export function unreadableCsv(file: string, line: number, problem: string, hint?: string): MillraceError {
  return new MillraceError(
    "SOURCE_UNREADABLE",
    `reading \`${file}\` line ${line}: ${problem}`,
    hint === undefined ? {} : { hint },
  );
}
