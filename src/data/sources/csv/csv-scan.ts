// One pass over the bytes of a csv file, or of a part that begins where a record does.
import { type ByteRange, openBytes } from "../whole-archives.ts";
import { CsvFields } from "./csv-fields.ts";
import type { TextProfile } from "./csv-profile.ts";
import { CsvProfiler } from "./csv-profiler.ts";
import { CsvScanner, type CsvStructure } from "./csv-scanner.ts";
import type { CsvHead } from "./csv-text.ts";

/** A file of which the first line is known. */
export interface CsvFileHead extends CsvHead {
  readonly file: string;
  readonly hasHeader: boolean;
}

export interface CsvScanRequest {
  readonly head: CsvFileHead;
  /** Columns of the fields in their order; `undefined` for those whose values need not be known. */
  readonly names: readonly (string | undefined)[];
  /** Those of them of which it is asked whether floats of 32 bits hold their numbers. */
  readonly floats?: ReadonlySet<string>;
  /** Texts that stand for no value. */
  readonly nullValues: readonly string[];
  /** A part of the file; without it, all of it. */
  readonly range?: ByteRange;
  /** A row whose line is asked for, from 1. */
  readonly rowSought?: number;
}

export interface CsvScan extends CsvStructure {
  /** What the values have in common, by the name of the column, of the columns that were asked for. */
  readonly profiles: ReadonlyMap<string, TextProfile>;
}

/** Reads every byte once. @throws MillraceError `SOURCE_UNREADABLE` naming file and line */
export async function scanCsv({ head, names, floats, nullValues, range, rowSought }: CsvScanRequest): Promise<CsvScan> {
  const { file, delimiter, quote, fields: heads } = head;
  const isContinued = range !== undefined && range.from > 0;
  const nulls = nullValues.flatMap((text) => writeNull(text, quote));
  const profilers = names.map((name) =>
    name === undefined ? undefined : new CsvProfiler(nulls, floats?.has(name) === true),
  );
  const scanner = new CsvScanner({
    file,
    delimiter,
    quote,
    isContinued,
    skip: isContinued ? 0 : head.skip,
    hasHeader: head.hasHeader && !isContinued,
    width: heads.length,
    fields: new CsvFields(profilers, quote),
    ...(rowSought === undefined ? {} : { rowSought }),
  });
  for await (const chunk of openBytes(file, range)) scanner.push(chunk);
  const structure = scanner.end();
  const profiles = new Map<string, TextProfile>();
  for (const [index, name] of names.entries()) {
    const profile = profilers[index]?.profile;
    if (name !== undefined && profile !== undefined) profiles.set(name, profile);
  }
  return { ...structure, profiles };
}

/** As it is in the file, without quotes and with them. */
function writeNull(text: string, quote: string): Uint8Array[] {
  const texts = quote === "" ? [text] : [text, text.replaceAll(quote, quote + quote)];
  return [...new Set(texts)].map((written) => new TextEncoder().encode(written));
}
