// Makes the error about a broken line of a file: it names file and line, and never the text of the line, which is data.
import { MillraceError } from "../../core/errors/errors.ts";

/** @param line from 1, as an editor counts */
export function unreadableLine(file: string, line: number, problem: string, hint?: string): MillraceError {
  return new MillraceError(
    "SOURCE_UNREADABLE",
    `reading \`${file}\` line ${line}: ${problem}`,
    hint === undefined ? {} : { hint },
  );
}
