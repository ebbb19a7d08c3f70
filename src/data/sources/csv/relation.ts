// CSV as a relation. Rows are those that were delivered: the bytes are looked at first, the delimiter is found in each file's first line,
// nothing else is guessed, and a type is inferred only if every value, written back, gives the text that came.
import type { Column, EngineSession } from "../../../compute/engine.ts";
import type { CsvOptions } from "./options.ts";
import { describeDifferences } from "../source-differences.ts";
import type { SourceRows, KnownTable } from "../source-rows.ts";
import { layOutColumns } from "./csv-columns.ts";
import type { DeclaredReading } from "./csv-checked.ts";
import { chooseReading, findUnreadable, resolveDeclared } from "./csv-declared.ts";
import { type CsvFile, openCsvFiles, scanCsvFile } from "./csv-file.ts";
import type { CsvFileHead } from "./csv-scan.ts";
import { inferTypes, joinColumn } from "./csv-inference.ts";
import { asText, type CsvReader, type CsvReading, selectCsv } from "./csv-reader.ts";

/**
 * Rows of csv files, united by column name, in the order of the files.
 * @param table the table that the rows go to, whose types are taken where they hold every value
 * @throws MillraceError `SOURCE_UNREADABLE` naming file and line, `VALUE_INVALID` for columns that are declared wrongly
 */
export async function csvRows(
  session: EngineSession,
  paths: readonly string[],
  options: CsvOptions,
  table: KnownTable,
): Promise<SourceRows> {
  const declared = await resolveDeclared(session, options);
  const heads = await openCsvFiles(paths, options);
  const layout = layOutColumns(heads, options);
  if (heads.length === 0) return { untyped: [], warnings: [] };
  const { nullValues = [] } = options;
  const reader: CsvReader = { layout, nullValues };
  const names = layout.names.filter((name) => !declared.has(name.toLowerCase()));
  const tableTypes = new Map((await tableColumns(names, table)).map(({ name, type }) => [name.toLowerCase(), type]));
  const { isVerbatim } = table;
  const floats = names.filter((name) => isVerbatim && tableTypes.get(name.toLowerCase()) === "FLOAT");
  const files = await scanFiles(heads, reader, declared, new Set(floats));
  const { types, perFile } = inferTypes({ layout, files, names, tableTypes, isVerbatim });
  const readings = new Map(
    layout.names.map((name): [string, CsvReading] => {
      const own = declared.get(name.toLowerCase());
      return [name, own === undefined ? typed(types.get(name)) : chooseReading(own, joinColumn(files, name))];
    }),
  );
  const readingOf = (name: string): CsvReading => readings.get(name) ?? asText;
  const united = layout.names.map((name) => ({ name, type: readingOf(name).type }));
  return {
    sql: selectCsv(reader, files, readingOf),
    untyped: [],
    rowCount: files.reduce((sum, { rows }) => sum + rows, 0),
    warnings: [...layout.warnings, ...describeDifferences(perFile, united, isTextOfOthers)],
    explain: async (error) => (await findUnreadable(session, reader, files, declared)) ?? error,
  };
}

/** Looks at the values of the columns of which they decide how the column is read. */
async function scanFiles(
  heads: readonly CsvFileHead[],
  { layout, nullValues }: CsvReader,
  declared: ReadonlyMap<string, DeclaredReading>,
  floats: ReadonlySet<string>,
): Promise<CsvFile[]> {
  const files: CsvFile[] = [];
  for (const head of heads) {
    const names = (layout.fields.get(head.file) ?? []).map((name) => {
      const own = declared.get(name.toLowerCase());
      return own === undefined || own.plain !== undefined ? name : undefined;
    });
    files.push(await scanCsvFile({ head, names, floats, nullValues }));
  }
  return files;
}

/** A type of which every value is known to be. */
function typed(type = "VARCHAR"): CsvReading {
  return { type, readAs: type, value: (read) => read };
}

async function tableColumns(names: readonly string[], table: KnownTable): Promise<readonly Column[]> {
  return names.length === 0 ? [] : ((await table.columns()) ?? []);
}

function isTextOfOthers(own: string, united: string): boolean {
  return united === "VARCHAR" && own !== "VARCHAR";
}
