// Sheets as rows. Cells are read as the file has them; what a job says of a column goes before what the format of a cell shows.
import { open } from "node:fs/promises";
import { quoteIdentifier } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { openZip, type ZipEntries } from "../packing/zip-entries.ts";
import type { SourceRows } from "../source-rows.ts";
import { type ObjectReading, objectRows } from "../typed/object-rows.ts";
import { fromDeclared } from "./cell-json.ts";
import type { OpenSheet } from "./cell.ts";
import { openOds } from "./ods.ts";
import type { SpreadsheetOptions } from "./options.ts";
import { SheetRows } from "./sheet-rows.ts";
import { openXlsx } from "./xlsx.ts";

/** @throws MillraceError `SOURCE_UNREADABLE` naming file, sheet and cell */
export async function spreadsheetRows(
  files: readonly string[],
  variant: "xlsx" | "ods",
  options: SpreadsheetOptions,
  reading: Omit<ObjectReading, "lines">,
): Promise<SourceRows> {
  const warnings: string[] = [];
  const names = new Set<string>();
  const lines = async function* (file: string): AsyncGenerator<readonly string[], void> {
    await assertArchive(file);
    using zip = await openZip(file, file);
    const sheet = await naming(file, () => openSheet(zip, variant, options));
    if (sheet.others.length > 0) warnings.push(describeOthers(file, sheet));
    const rows = new SheetRows(file, sheet, options);
    yield* namingRows(file, rows.lines());
    for (const name of rows.columns) names.add(name);
  };
  const rows = await objectRows(files, { ...reading, lines });
  return withKinds({ ...rows, warnings: [...warnings, ...rows.warnings] }, options, names);
}

/** @see https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-cfb the head of files with a password, and of those before 2007 */
async function assertArchive(file: string): Promise<void> {
  await using handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(8), 0, 8, 0);
  if (buffer.toString("hex") !== "d0cf11e0a1b11ae1") return;
  throw unreadable(file, new Error("it is encrypted with a password, or written by a program from before 2007"));
}

async function openSheet(zip: ZipEntries, variant: "xlsx" | "ods", options: SpreadsheetOptions): Promise<OpenSheet> {
  const byName = new Map(zip.entries.map((entry) => [entry.name, entry] as const));
  const part = (name: string): AsyncIterable<Uint8Array> | undefined => byName.get(name)?.read();
  return variant === "xlsx" ? await openXlsx(part, options) : await openOds(part, options);
}

function describeOthers(file: string, { name, others }: OpenSheet): string {
  const list = others.map((other) => `\`${other}\``).join(", ");
  return `of \`${file}\` the sheet \`${name}\` is read, and not ${list}; \`spreadsheet.sheet\` chooses`;
}

/** Columns of declared kinds as values of their types. */
function withKinds(rows: SourceRows, { columns = {} }: SpreadsheetOptions, names: ReadonlySet<string>): SourceRows {
  const declared = Object.entries(columns).flatMap(([name, kind]) => {
    const sql = names.has(name) ? fromDeclared(kind, quoteIdentifier(name)) : undefined;
    return sql === undefined ? [] : [{ name, sql: `${sql} AS ${quoteIdentifier(name)}` }];
  });
  const { sql, telling } = rows;
  if (sql === undefined || declared.length === 0) return rows;
  const wrap = (relation: string): string =>
    `SELECT * REPLACE (${declared.map((column) => column.sql).join(", ")}) FROM (${relation})`;
  return {
    ...rows,
    sql: wrap(sql),
    ...(telling === undefined ? {} : { telling: (column) => wrap(telling(column)) }),
    untyped: rows.untyped.filter((name) => !declared.some((column) => column.name === name)),
  };
}

async function naming<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function* namingRows<T>(file: string, rows: AsyncIterable<T>): AsyncGenerator<T, void> {
  try {
    yield* rows;
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, cause: unknown): MillraceError {
  if (cause instanceof MillraceError) return cause;
  const reason = cause instanceof Error ? cause.message : "it is damaged";
  return new MillraceError("SOURCE_UNREADABLE", `reading \`${file}\`: ${reason}`, {
    hint: "open it in a program for spreadsheets and save it anew; if it is right, look at the options of the source",
    cause,
  });
}
