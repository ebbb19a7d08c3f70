// How rows become CSV and come back: commas, quotes where they are needed, a header, and an empty field for NULL. A source of files
// reads the same rows.
import { parseEngineType } from "../../../compute/engine-type.ts";
import { type Column, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { fileList } from "../../files/file-list.ts";
import type { HeldColumn } from "../../schema-contract.ts";
import type { ValueLimit } from "../../target.ts";
import type { KnownFile } from "../column-file.ts";
import { holdStaged } from "../staged-types.ts";
import type { TextFormat } from "../text-format.ts";
import { listYearLimits } from "../text-limits.ts";

export const csvText: TextFormat = {
  format: "csv",
  extension: "csv",
  title: "CSV",
  quote: '"',
  hold: holdInCsv,
  limits: listCsvLimits,
  write({ sql, columns }, path) {
    const values = columns.map((column) => `${toField(column)} AS ${quoteIdentifier(column.name)}`);
    return `COPY (SELECT ${values.join(", ")} FROM (${sql})) TO ${quoteLiteral(path)}
      (FORMAT csv, HEADER true, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR '')`;
  },
  read(files, columns) {
    const fields = columns.map(({ name }) => `${quoteIdentifier(name)}: 'VARCHAR'`);
    const values = columns.map(
      ({ name, type }) => `CAST(${quoteIdentifier(name)} AS ${type}) AS ${quoteIdentifier(name)}`,
    );
    return `SELECT ${values.join(", ")} FROM read_csv(${fileList(files.map(({ path }) => path))},
      auto_detect = false, hive_partitioning = false, header = true, delim = ',', nullstr = '',
      columns = {${fields.join(", ")}}, ${dialect(files).join(", ")})`;
  },
};

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

/** A field is text, so that lists, objects and maps are their JSON. */
function holdInCsv(column: Column): HeldColumn {
  if (parseEngineType(column.type).kind === "scalar") return holdStaged(column);
  return {
    name: column.name,
    type: "VARCHAR",
    expression: `CAST(to_json(${quoteIdentifier(column.name)}) AS VARCHAR)`,
  };
}

/** An empty field is NULL, so that there is none for an empty text. */
function listCsvLimits(of: Column): ValueLimit[] {
  const { name, type } = of;
  if (type !== "VARCHAR" && type !== "BLOB") return listYearLimits(of);
  const hint = `make it NULL in the query: \`nullif(${name}, '')\``;
  const what = "an empty text, which CSV does not tell from NULL";
  return [{ column: name, breaks: `${quoteIdentifier(name)} = ''`, what, hint }];
}

/** Instants are in UTC, with its offset. */
function toField({ name, type }: Column): string {
  const column = quoteIdentifier(name);
  if (type !== "TIMESTAMP WITH TIME ZONE") return column;
  return `CASE WHEN isfinite(${column}) THEN CAST(${column} AS VARCHAR) || ':00' ELSE CAST(${column} AS VARCHAR) END`;
}
