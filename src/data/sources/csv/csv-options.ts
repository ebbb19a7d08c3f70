// The options of csv files, looked at when the job is defined. What only the files or the engine can tell comes later.
import { MillraceError } from "../../../core/errors/errors.ts";
import { assertKnownOptions, assertTexts } from "../../../core/errors/known-options.ts";
import type { CsvColumns, CsvOptions } from "../../../core/dataset/source.ts";

const known: readonly string[] = [
  "delimiter",
  "quote",
  "header",
  "skipLines",
  "nullValues",
  "columns",
  "types",
] satisfies (keyof CsvOptions)[];

/** @throws MillraceError `JOB_INVALID` naming the option */
export function assertCsvOptions(where: string, options: CsvOptions): void {
  assertKnownOptions(where, options, known);
  const { delimiter, quote, header, skipLines, nullValues, columns, types } = options;
  if (delimiter !== undefined) assertMark(`\`delimiter\` of ${where}`, delimiter);
  if (quote !== undefined && quote !== "") assertMark(`\`quote\` of ${where}`, quote);
  if (delimiter !== undefined && delimiter === (quote ?? '"')) {
    throw invalid(`\`delimiter\` and \`quote\` of ${where}`, "two different characters", delimiter);
  }
  if (header !== undefined && typeof header !== "boolean") throw invalid(`\`header\` of ${where}`, "a boolean", header);
  if (skipLines !== undefined && !(Number.isSafeInteger(skipLines) && skipLines >= 0)) {
    throw invalid(`\`skipLines\` of ${where}`, "a whole number of lines", skipLines);
  }
  if (nullValues !== undefined && nullValues.length > 0) assertTexts(`\`nullValues\` of ${where}`, nullValues);
  if (columns !== undefined && types !== undefined) {
    throw new MillraceError("JOB_INVALID", `expected \`columns\` or \`types\` in ${where}, got both`, {
      hint: "`columns` declares all columns, `types` some of them",
    });
  }
  if (columns !== undefined) assertColumns(`\`columns\` of ${where}`, columns);
  if (types !== undefined) assertColumns(`\`types\` of ${where}`, types);
}

function assertColumns(where: string, columns: CsvColumns): void {
  assertKnownOptions(where, columns, Object.keys(columns));
  const seen = new Map<string, string>();
  for (const [name, column] of Object.entries(columns)) {
    const before = seen.get(name.toLowerCase());
    if (before !== undefined) throw invalid(where, "names that differ in more than case", `${before}, ${name}`);
    seen.set(name.toLowerCase(), name);
    assertColumn(`column \`${name}\` in ${where}`, typeof column === "string" ? { type: column } : column);
  }
}

function assertColumn(where: string, column: unknown): void {
  assertKnownOptions(where, column, ["type", "decimalMark", "format"]);
  const { type, decimalMark, format } = column as Readonly<Record<string, unknown>>;
  if (typeof type !== "string" || type.trim() === "") throw invalid(`\`type\` of ${where}`, "a SQL type", type);
  if (decimalMark !== undefined && decimalMark !== "." && decimalMark !== ",") {
    throw invalid(`\`decimalMark\` of ${where}`, "a point or a comma", decimalMark);
  }
  if (format !== undefined && (typeof format !== "string" || !format.includes("%"))) {
    throw invalid(`\`format\` of ${where}`, "a format such as %d/%m/%Y", format);
  }
}

function assertMark(where: string, mark: unknown): void {
  // one byte, so that a look at the bytes finds it
  const isMark =
    typeof mark === "string" && mark.length === 1 && mark > "\0" && mark < "\u007f" && !/[\r\n]/.test(mark);
  if (!isMark) throw invalid(where, "one character of ASCII that ends no line", mark);
}

function invalid(where: string, wanted: string, got: unknown): MillraceError {
  return new MillraceError("JOB_INVALID", `expected ${where} to be ${wanted}, got: \`${String(got)}\``);
}
