// CSV as a relation. Rows are those that were delivered: the bytes are looked at first, the delimiter is found in each file's first line,
// nothing else is guessed, and a type is inferred only if every value, written back, gives the text that came.
import type { Column, EngineSession } from "../../../compute/engine.ts";
import type { CsvOptions } from "../../../core/source.ts";
import { describeDifferences } from "../source-differences.ts";
import type { SourceRows, TableHint } from "../source-rows.ts";
import { layOutColumns } from "./csv-columns.ts";
import { resolveDeclared } from "./csv-declared.ts";
import { findUnreadable } from "./csv-explain.ts";
import { openCsvFiles } from "./csv-file.ts";
import { inferTypes } from "./csv-inference.ts";
import { type CsvReader, type CsvReading, selectCsv } from "./csv-reader.ts";

/**
 * Rows of csv files, united by column name, in the order of the files.
 * @param table the table that the rows go to, whose types are taken where they hold every value
 * @throws MillraceError `SOURCE_UNREADABLE` naming file and line, `VALUE_INVALID` for columns that are declared wrongly
 */
export async function csvRows(
  session: EngineSession,
  paths: readonly string[],
  options: CsvOptions,
  table: TableHint,
): Promise<SourceRows> {
  const declared = await resolveDeclared(session, options);
  const files = await openCsvFiles(paths, options);
  const layout = layOutColumns(files, options);
  if (files.length === 0) return { untyped: [], warnings: [] };
  const reader: CsvReader = { layout, nullValues: options.nullValues ?? [] };
  const names = layout.names.filter((name) => !declared.has(name.toLowerCase()));
  const tableTypes = new Map((await tableColumns(names, table)).map(({ name, type }) => [name.toLowerCase(), type]));
  const { isVerbatim } = table;
  const { types, perFile } = await inferTypes({ session, reader, files, names, tableTypes, isVerbatim });
  const readingOf = (name: string): CsvReading => declared.get(name.toLowerCase()) ?? typed(types.get(name));
  const united = layout.names.map((name) => ({ name, type: readingOf(name).type }));
  return {
    sql: selectCsv(reader, files, readingOf),
    untyped: [],
    rowCount: files.reduce((sum, { rows }) => sum + rows, 0),
    warnings: [...layout.warnings, ...describeDifferences(perFile, united, isTextOfOthers)],
    explain: async (error) => (await findUnreadable(session, reader, files, declared)) ?? error,
  };
}

/** A type of which every value is known to be. */
function typed(type = "VARCHAR"): CsvReading {
  return { type, readAs: type, value: (read) => read };
}

async function tableColumns(names: readonly string[], table: TableHint): Promise<readonly Column[]> {
  return names.length === 0 ? [] : ((await table.columns()) ?? []);
}

function isTextOfOthers(own: string, united: string): boolean {
  return united === "VARCHAR" && own !== "VARCHAR";
}
