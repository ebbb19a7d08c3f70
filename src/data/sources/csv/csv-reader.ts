// SQL that reads csv files whose structure is known. Nothing is left to the engine to guess.
import { quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { fileList } from "../../files/file-list.ts";
import type { CsvFile } from "./csv-file.ts";
import type { CsvLayout } from "./csv-columns.ts";

/** How a column gets from text to its value. */
export interface CsvReading {
  readonly type: string;
  /** What the engine's reader makes of the field. */
  readonly readAs: string;
  /** SQL of the value, over SQL of what was read. */
  value(read: string): string;
}

/** Fields as they are. */
export const asText: CsvReading = { type: "VARCHAR", readAs: "VARCHAR", value: (read) => read };

export interface CsvReader {
  readonly layout: CsvLayout;
  readonly nullValues: readonly string[];
}

/**
 * One `select` over the rows of the files, in their order, with the columns of the layout.
 * @param files not empty
 */
export function selectCsv(
  reader: CsvReader,
  files: readonly CsvFile[],
  readingOf: (name: string) => CsvReading,
): string {
  return groupAlike(files, reader.layout)
    .map((group) => selectGroup(reader, group, readingOf))
    .join("\nUNION ALL\n");
}

/** Files one after the other with the same fields behind the same delimiter are read together. */
function groupAlike(files: readonly CsvFile[], { fields }: CsvLayout): CsvFile[][] {
  const groups: CsvFile[][] = [];
  let before: string | undefined;
  for (const file of files) {
    // where a line that is set aside has a loose quote, no other file may bring quotes in
    const { delimiter, skip, looseQuoteLine, lineEnd } = file;
    const alike = JSON.stringify([
      delimiter,
      skip,
      looseQuoteLine,
      file.hasQuotes ? lineEnd : "",
      fields.get(file.file),
    ]);
    if (alike === before) groups.at(-1)?.push(file);
    else groups.push([file]);
    before = alike;
  }
  return groups;
}

function selectGroup(
  { layout, nullValues }: CsvReader,
  group: readonly CsvFile[],
  readingOf: (name: string) => CsvReading,
): string {
  const [first] = group;
  const own = (first === undefined ? undefined : layout.fields.get(first.file)) ?? [];
  const list = layout.names.map((name) => {
    const reading = readingOf(name);
    const column = quoteIdentifier(name);
    return `${own.includes(name) ? reading.value(column) : `CAST(NULL AS ${reading.type})`} AS ${column}`;
  });
  const columns = own.map((name) => `${quoteIdentifier(name)}: ${quoteLiteral(readingOf(name).readAs)}`);
  const options = [
    "auto_detect = false",
    "hive_partitioning = false",
    `columns = {${columns.join(", ")}}`,
    `nullstr = [${["", ...nullValues].map(quoteLiteral).join(", ")}]`,
    ...dialectOptions(group),
  ];
  const paths = fileList(group.map(({ file }) => file));
  return `SELECT ${list.join(", ")} FROM read_csv(${paths}, ${options.join(", ")})`;
}

/** A row of two megabytes is the longest that the engine reads by itself. */
const usualRowBytes = 2_000_000;

/** As the engine is told of them. */
const lineEnds: Readonly<Record<string, string>> = {
  "\n": String.raw`\n`,
  "\r\n": String.raw`\r\n`,
  "\r": String.raw`\r`,
};

function dialectOptions(group: readonly CsvFile[]): string[] {
  const [first] = group;
  // without a quote in the files every line end ends a row, so that the engine may begin to read anywhere
  const quote = group.some(({ hasQuotes }) => hasQuotes) ? (first?.quote ?? "") : "";
  const isMixed = group.some(({ hasMixedLineEnds }) => hasMixedLineEnds);
  const isOneByOne = isMixed || group.some(({ isAmbiguous }) => isAmbiguous);
  const longest = group.reduce((most, { longestRowBytes }) => Math.max(most, longestRowBytes), 0) + 2;
  return [
    `header = ${first?.hasHeader === true}`,
    `skip = ${first?.skip ?? 0}`,
    `delim = ${quoteLiteral(first?.delimiter ?? ",")}`,
    `quote = ${quoteLiteral(quote)}`,
    `escape = ${quoteLiteral(quote)}`,
    // without being told, the engine takes the first line end for that of all rows, also where it is within a value
    ...(quote !== "" && !isMixed && first?.lineEnd !== undefined
      ? [`new_line = '${lineEnds[first.lineEnd] ?? ""}'`]
      : []),
    ...(isOneByOne ? ["parallel = false"] : []),
    // the engine's strictness is about line ends alone here: the rest has been looked at
    ...(isMixed ? ["strict_mode = false"] : []),
    ...(longest > usualRowBytes
      ? [`max_line_size = ${longest}`, `buffer_size = ${Math.max(32_000_000, 2 * longest)}`]
      : []),
  ];
}
