// Files of text as a table: each is read with the columns that it was written with, which are beside it, and they are united by name.
import { stat } from "node:fs/promises";
import type { Column, EngineSession } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { HeldColumn } from "../schema-contract.ts";
import { flushFile } from "../staged-rows.ts";
import type { TargetInput, ValueLimit } from "../target.ts";
import {
  columnFileOf,
  hasLonelyColumns,
  type KnownFile,
  loadColumns,
  removeColumns,
  removeLonelyColumns,
  saveColumns,
  settleColumns,
} from "./column-file.ts";
import type { FileTable } from "./file-table.ts";
import { scanText } from "../files/text-scan.ts";

/** A format of text files. */
export interface TextFormat extends Pick<FileTable, "format" | "title" | "ending"> {
  /** The character around fields that hold line ends, of formats in which fields may hold them. */
  readonly quote?: string;
  hold(column: Column): HeldColumn;
  limits(column: Column): readonly ValueLimit[];
  /** One statement that writes rows to a file. */
  write(rows: { readonly sql: string; readonly columns: readonly Column[] }, path: string): string;
  /** One `select` over files that runs have written with these columns, which gives exactly them. */
  read(files: readonly KnownFile[], columns: readonly Column[]): string;
}

/** The files of a format of text. A file that somebody has changed is refused: its rows are not those that were checked. */
export function createTextTable(format: TextFormat): FileTable {
  return {
    format: format.format,
    title: format.title,
    ending: format.ending,
    hold: (column) => format.hold(column),
    limits: (column) => format.limits(column),
    write: (file, input, finalPath) => write(format, file, input, finalPath),
    relation: async (paths) => relationOf(format, await loadUnchanged(paths)),
    columns: (session, paths) => findColumns(format, session, paths),
    countRows: async (_session, paths) => (await loadUnchanged(paths)).reduce((sum, { rows }) => sum + rows, 0),
    companion: {
      of: columnFileOf,
      settle: settleColumns,
      clear: removeLonelyColumns,
      remove: removeColumns,
      list: async (file) => ((await hasLonelyColumns(file)) ? [columnFileOf(file)] : []),
    },
  };
}

/** The file is whole before its columns are known, and its columns are known before it is in its place. */
async function write(
  format: TextFormat,
  file: string,
  { session, rows, staged, signal }: TargetInput,
  finalPath: string,
): Promise<void> {
  await session.execute(format.write(rows, file), { signal });
  await flushFile(file);
  const { size: bytes, mtimeMs: modifiedAtMs } = await stat(file);
  await saveColumns(finalPath, {
    bytes,
    modifiedAtMs,
    rows: staged.files.reduce((sum, { rows: count }) => sum + count, 0),
    columns: rows.columns.map(({ name, type }) => ({ name, type })),
    ...(await scanText(file, format.quote)),
  });
}

/** Also of a file that somebody has changed, so that a run can replace it. */
async function findColumns(
  format: TextFormat,
  session: EngineSession,
  paths: readonly string[],
): Promise<readonly Column[]> {
  const files = await loadFiles(paths);
  const [group, ...others] = groupAlike(files);
  return group !== undefined && others.length === 0 ? group.columns : await session.describe(relationOf(format, files));
}

function relationOf(format: TextFormat, files: readonly KnownFile[]): string {
  const selects = groupAlike(files).map((group) => `SELECT * FROM (${format.read(group.files, group.columns)})`);
  return selects.join("\nUNION ALL BY NAME\n");
}

async function loadUnchanged(paths: readonly string[]): Promise<readonly KnownFile[]> {
  const files = await loadFiles(paths);
  const changed = files.find(({ isAsWritten }) => !isAsWritten);
  if (changed === undefined) return files;
  const { path, bytes, bytesNow } = changed;
  throw new MillraceError("SOURCE_UNREADABLE", `\`${path}\` has ${bytesNow} bytes, and ${bytes} were published`, {
    hint: "somebody has changed it; run its job again, or read it with `source: { file: { path } }`",
  });
}

async function loadFiles(paths: readonly string[]): Promise<readonly KnownFile[]> {
  return await Promise.all(
    paths.map(async (path) => {
      const known = await loadColumns(path);
      if (known !== undefined) return known;
      const message = `\`${path}\` lacks the file of its columns, \`${columnFileOf(path)}\``;
      throw new MillraceError("SOURCE_UNREADABLE", message, {
        hint: "a run writes both; to read what others have written, declare it as `source: { file: { path } }`",
      });
    }),
  );
}

/** Files one after the other that are read together. */
interface FileGroup {
  readonly files: KnownFile[];
  readonly columns: readonly Column[];
}

function groupAlike(files: readonly KnownFile[]): FileGroup[] {
  const groups: FileGroup[] = [];
  for (const file of files) {
    const last = groups.at(-1);
    if (JSON.stringify(last?.columns) === JSON.stringify(file.columns)) last?.files.push(file);
    else groups.push({ files: [file], columns: file.columns });
  }
  return groups;
}
