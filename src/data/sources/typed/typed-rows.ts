// Rows of files that say their types, in formats that the engine does not read. Each file becomes one of the engine's own format:
// its rows are texts on their way there, so that memory does not grow with their number and no value is rounded.
import { rm } from "node:fs/promises";
import { untyped } from "../../../compute/engine-type.ts";
import type { Column, EngineSession } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { spoolRelation, type TextRow, writeSpool } from "../../files/text-spool.ts";
import { FileSpool } from "../file-spool.ts";
import type { SourceRows } from "../source-rows.ts";
import { typedColumn } from "./nested-text.ts";
import { unitedRows } from "./united-rows.ts";

/** A file whose columns are known. */
export interface TypedFile {
  /** With the types of the engine; `untyped` for a column that has no value. */
  readonly columns: readonly Column[];
  /**
   * The texts of each row, in the order of the columns: those that `typedColumn` makes values of.
   * @throws MillraceError `SOURCE_UNREADABLE` for a file that is damaged or ends too early
   */
  readonly rows: () => AsyncIterable<readonly TextRow[]>;
}

export interface TypedReading {
  readonly spool: string;
  /** Reads what comes before the rows of a file. */
  readonly open: (file: string) => Promise<TypedFile>;
}

/**
 * One relation over the rows of all files, united by column name, in the order of the files.
 * @throws MillraceError `SOURCE_UNREADABLE` naming the file
 */
export async function typedRows(
  session: EngineSession,
  files: readonly string[],
  { spool, open }: TypedReading,
): Promise<SourceRows> {
  const opened = [];
  for (const path of files) {
    const file = await open(path);
    assertColumns(path, file.columns);
    opened.push({ path, file });
  }
  const types = new Map<string, string>();
  for (const { name, type } of opened.flatMap(({ file }) => file.columns)) {
    if (type !== untyped && !types.has(name.toLowerCase())) types.set(name.toLowerCase(), type);
  }
  const own = new FileSpool(spool);
  const made: string[] = [];
  let rowCount = 0;
  for (const { path, file } of opened) {
    const columns = file.columns.map(({ name, type }) => ({
      name,
      type: type === untyped ? (types.get(name.toLowerCase()) ?? "VARCHAR") : type,
    }));
    const texts = await own.add(path, "texts");
    const into = await own.add(path, "typed");
    rowCount += await copyRows(session, { ...file, columns }, path, { texts: texts.path, into: into.path });
    made.push(into.path);
  }
  const rows = await own.naming(() => unitedRows(session, made));
  const names = new Set(opened.flatMap(({ file }) => file.columns.map(({ name }) => name)));
  return own.rename({
    ...rows,
    untyped: [...names].filter((name) => !types.has(name.toLowerCase())),
    rowCount,
  });
}

function assertColumns(path: string, columns: readonly Column[]): void {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const before = seen.get(name.toLowerCase());
    if (before !== undefined) throw refused(path, `its columns \`${before}\` and \`${name}\` would be one column`);
    if (name === "") throw refused(path, "a column has the empty text for its name, which no column can have");
    seen.set(name.toLowerCase(), name);
  }
  if (columns.length === 0) throw refused(path, "its rows have no column");
}

function refused(path: string, problem: string): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `reading \`${path}\`: ${problem}`, {
    hint: "have the file written with names that differ in more than case",
  });
}

async function copyRows(
  session: EngineSession,
  { columns, rows }: TypedFile,
  path: string,
  { texts, into }: { readonly texts: string; readonly into: string },
): Promise<number> {
  try {
    const spooled = await writeSpool(texts, rows());
    const relation = spoolRelation(
      [spooled],
      columns.map(({ name, type }) => typedColumn(name, type)),
    );
    await session.writeParquet(relation, { path: into });
    return spooled.rows;
  } catch (cause) {
    if (cause instanceof MillraceError && cause.code !== "SQL_FAILED" && cause.code !== "SQL_INVALID") throw cause;
    throw new MillraceError(
      "SOURCE_UNREADABLE",
      `reading \`${path}\`: a value does not fit the type that the file says`,
      {
        hint: "have whoever writes the file look at its types",
        cause,
      },
    );
  } finally {
    await rm(texts, { force: true });
  }
}
