// How the files of a format of text are read: each with the columns that it was written with, united by name.
import type { Column, EngineSession } from "../../compute/engine.ts";
import type { DatasetLocation } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { TableRows } from "../table-rows.ts";
import { columnFileOf, type KnownFile, loadColumns } from "./column-file.ts";
import { listDataFiles } from "./run-files.ts";
import type { TextFormat } from "./text-format.ts";

/** The rows of the files that are there now. @throws MillraceError `SOURCE_MISSING`, or `SOURCE_UNREADABLE` for a file that somebody has changed */
export async function readText(format: TextFormat, { path }: DatasetLocation): Promise<TableRows> {
  const files = await loadFiles(await listDataFiles(path, format));
  if (files.length === 0) throw new MillraceError("SOURCE_MISSING", `there is no ${format.title} file at \`${path}\``);
  for (const file of files) assertAsWritten(file);
  return { sql: textRelation(format, files) };
}

/** Columns of files, in the engine's types; nothing when there is no file. @throws MillraceError `SOURCE_UNREADABLE` for a file of others */
export async function describeText(
  format: TextFormat,
  session: EngineSession,
  paths: readonly string[],
): Promise<readonly Column[] | undefined> {
  const files = await loadFiles(paths);
  const [group, ...others] = groupAlike(files);
  if (others.length === 0) return group?.columns;
  return await session.describe(textRelation(format, files));
}

/** Rows of files. @throws MillraceError `SOURCE_UNREADABLE` for a file that somebody has changed */
export async function countText(paths: readonly string[]): Promise<number> {
  let rows = 0;
  for (const file of await loadFiles(paths)) {
    assertAsWritten(file);
    rows += file.rows;
  }
  return rows;
}

/** What is known of files. @throws MillraceError `SOURCE_UNREADABLE` for one without a file of columns */
export async function loadFiles(paths: readonly string[]): Promise<KnownFile[]> {
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

/** One `select` over files, in their order. @param files not empty */
function textRelation(format: TextFormat, files: readonly KnownFile[]): string {
  const selects = groupAlike(files).map((group) => `SELECT * FROM (${format.read(group.files, group.columns)})`);
  return selects.join("\nUNION ALL BY NAME\n");
}

function assertAsWritten({ path, isAsWritten, bytes, bytesNow }: KnownFile): void {
  if (isAsWritten) return;
  throw new MillraceError("SOURCE_UNREADABLE", `\`${path}\` has ${bytesNow} bytes, and ${bytes} were published`, {
    hint: "somebody has changed it; run its job again, or read it with `source: { file: { path } }`",
  });
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
