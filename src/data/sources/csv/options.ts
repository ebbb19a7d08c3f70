// The options of csv files, looked at when the job is defined. What only the files or the engine can tell comes later.
import { z } from "zod";
import { expecting, optional } from "../../../core/spec/option-notes.ts";
import { choice, integer, text, texts } from "../../../core/spec/option-values.ts";
import { type OptionPath, refusal } from "../../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";

/** How one column of a csv file is read. */
export interface CsvColumn {
  /** SQL type, such as `DECIMAL(12,2)`. A value that it cannot hold with every digit is an error that names file and line. */
  readonly type: string;
  /** For numbers: what stands before the fraction. Default `.`. */
  readonly decimalMark?: "." | ",";
  /** For dates and timestamps: how they are written, as `strptime` takes it, such as `%d/%m/%Y`. Default: the ISO forms. */
  readonly format?: string;
}

/** Column → its SQL type, or more about it. */
export type CsvColumns = Readonly<Record<string, string | CsvColumn>>;

export interface CsvOptions {
  /** One character. Default: the one of `,` `;` `|` and tab that is most frequent in the header line, for each file anew. */
  readonly delimiter?: string;
  /** What stands around a field that holds a delimiter or a line end; written twice inside of it. Empty for none. Default `"`. */
  readonly quote?: string;
  /** Whether the first line names the columns. Default true; otherwise they are `column0`, `column1`, …, or those of `columns`. */
  readonly header?: boolean;
  /** Lines before the header (or the first row) that are set aside. Default 0. */
  readonly skipLines?: number;
  /** Texts that stand for NULL, beside the empty field. */
  readonly nullValues?: readonly string[];
  /** All columns, so that nothing is inferred: by name where there is a header, which must have the same names; else in order. */
  readonly columns?: CsvColumns;
  /** Single columns, by name; the types of the others are inferred. Not together with `columns`. */
  readonly types?: CsvColumns;
}

export const csvSpec: Spec<CsvOptions> = defineSpec<CsvOptions>()(() => ({
  delimiter: optional(
    mark(),
    "the one of `,` `;` `|` and tab that is most frequent in the header line, for each file anew",
  ).describe("the character between two fields"),
  quote: expecting("one character of ASCII that ends no line, or the empty text", z.union([mark(), z.literal("")]))
    .default('"')
    .describe(
      "what stands around a field that holds a delimiter or a line end, written twice inside of it; the empty text for none",
    ),
  header: z
    .boolean()
    .default(true)
    .describe(
      "whether the first line names the columns; if not, they are `column0`, `column1`, … or those of `columns` in their order",
    ),
  skipLines: integer(0)
    .default(0)
    .describe(
      "lines before the header, or before the first row, that are set aside, as an editor shows them: quotes mean nothing there",
    ),
  nullValues: texts("texts", 0).default([]).describe('more texts that stand for NULL, such as `["NA"]`'),
  types: optional(columns(), "all are inferred").describe(
    "types of single columns, by name; the types of the others are inferred. Not together with `columns`",
  ),
  columns: optional(columns(), "all are inferred").describe(
    "types of all columns, by name, so that nothing is inferred; a header with other names is refused",
  ),
}));

export const csvColumnSpec: Spec<CsvColumn> = defineSpec<CsvColumn>()(() => ({
  type: text("a SQL type").describe(
    "SQL type, such as `DECIMAL(12,2)`; a value that it cannot hold with every digit is refused with file and line",
  ),
  decimalMark: choice([".", ","]).default(".").describe("of numbers: what stands before the fraction"),
  format: optional(expecting("a format such as `%d/%m/%Y`", z.string().includes("%")), "the ISO forms").describe(
    "of dates and timestamps: how they are written, as `strptime` takes it",
  ),
}));

/**
 * What no option can tell by itself.
 * @param path to the options, below `where`
 * @throws MillraceError `JOB_INVALID` naming the option
 */
export function assertCsvOptions(where: string, path: OptionPath, options: CsvOptions): void {
  const { delimiter, quote = '"', columns: all, types } = options;
  if (delimiter !== undefined && delimiter === quote) {
    throw refusal(where, [...path, "delimiter"], "another character than `quote`", delimiter);
  }
  if (all !== undefined && types !== undefined) {
    throw refusal(where, [...path, "types"], "left out beside `columns`", types, {
      hint: "`columns` declares all columns, `types` some of them",
    });
  }
  assertDistinct(where, [...path, "columns"], all ?? {});
  assertDistinct(where, [...path, "types"], types ?? {});
}

function assertDistinct(where: string, path: OptionPath, declared: CsvColumns): void {
  const seen = new Map<string, string>();
  for (const column of Object.keys(declared)) {
    const before = seen.get(column.toLowerCase());
    if (before !== undefined) {
      throw refusal(where, path, "names that differ in more than case", `${before}, ${column}`);
    }
    seen.set(column.toLowerCase(), column);
  }
}

function columns(): z.ZodType<CsvColumns, CsvColumns> {
  const column = z.union([text("a SQL type"), csvColumnSpec.schema]);
  return expecting("SQL types, or objects with `type`, by the names of columns", z.record(z.string(), column));
}

/** One byte, so that a look at the bytes finds it. */
function mark(): z.ZodString {
  const isMark = (text: string): boolean =>
    text.length === 1 && text > "\0" && text < "\u007f" && text !== "\r" && text !== "\n";
  return expecting("one character of ASCII that ends no line", z.string().refine(isMark));
}
