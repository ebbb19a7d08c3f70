// How CSV files that were published are read: by what is known of them, with nothing left to the engine to guess.
import { type Column, quoteIdentifier } from "../../../compute/engine.ts";
import { fileList } from "../../files/file-list.ts";
import type { KnownFile } from "../column-file.ts";

/** One `select` over files with these columns, which are all in the header of each. */
export function csvRelation(files: readonly KnownFile[], columns: readonly Column[]): string {
  const fields = columns.map(({ name }) => `${quoteIdentifier(name)}: 'VARCHAR'`);
  const values = columns.map(({ name, type }) => {
    const column = quoteIdentifier(name);
    return `CAST(${column} AS ${type}) AS ${column}`;
  });
  return `SELECT ${values.join(", ")} FROM read_csv(${fileList(files.map(({ path }) => path))},
    auto_detect = false, hive_partitioning = false, header = true, delim = ',', nullstr = '',
    columns = {${fields.join(", ")}}, ${dialect(files).join(", ")})`;
}

/** A row of two megabytes is the longest that the engine reads by itself. */
const usualRowBytes = 2_000_000;

/** Where rows may begin in a field, one after the other is read; without a quote in the files the engine may begin anywhere. */
function dialect(files: readonly KnownFile[]): string[] {
  const quote = files.some(({ hasQuotes }) => hasQuotes) ? `'"'` : "''";
  const longest = files.reduce((most, { longestRowBytes }) => Math.max(most, longestRowBytes), 0) + 2;
  return [
    `quote = ${quote}`,
    `escape = ${quote}`,
    ...(files.some(({ isAmbiguous }) => isAmbiguous) ? ["parallel = false"] : []),
    ...(longest > usualRowBytes
      ? [`max_line_size = ${longest}`, `buffer_size = ${Math.max(32_000_000, 2 * longest)}`]
      : []),
  ];
}
