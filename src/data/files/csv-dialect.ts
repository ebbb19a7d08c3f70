// What the engine is told of CSV that was written with commas and double quotes, so that it guesses nothing and tears no row.
import type { TextScan } from "./text-scan.ts";

/** Options of `read_csv`. @param files what was found in each file, with `"` as the quote */
export function csvDialect(files: readonly TextScan[]): string[] {
  // without a quote in the files every line end ends a row, so that the engine may begin to read anywhere
  const quote = files.some(({ hasQuotes }) => hasQuotes) ? `'"'` : "''";
  const longest = files.reduce((most, { longestRowBytes }) => Math.max(most, longestRowBytes), 0) + 2;
  return [
    "auto_detect = false",
    "hive_partitioning = false",
    // without being told, the engine takes the first line end for that of all rows, also where it is within a value
    String.raw`new_line = '\n'`,
    "delim = ','",
    `quote = ${quote}`,
    `escape = ${quote}`,
    ...(files.some(({ isAmbiguous }) => isAmbiguous) ? ["parallel = false"] : []),
    ...(longest > usualRowBytes
      ? [`max_line_size = ${longest}`, `buffer_size = ${Math.max(32_000_000, 2 * longest)}`]
      : []),
  ];
}

/** A row of two megabytes is the longest that the engine reads by itself. */
const usualRowBytes = 2_000_000;
