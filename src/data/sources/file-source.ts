// Files as one relation: globs are resolved before anything is read, and the columns of all files are known before the first row.
import { realpath, stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { type EngineSession, quoteLiteral } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { type FileFormat, fileFormats, type FileSource } from "../../core/dataset/source.ts";
import { assertInside, resolveProjectPath } from "../files/project-path.ts";
import { csvRows } from "./csv/csv-rows.ts";
import { jsonRows } from "./json/json-relation.ts";
import { parquetRows } from "./parquet-relation.ts";
import type { SourceRows, TableHint } from "./source-rows.ts";
import { assertWholeArchives } from "./whole-archives.ts";

/** Files that were found, and how to read their rows in the order of their paths. */
export interface FileRelation extends SourceRows {
  /** Absolute. */
  readonly files: readonly string[];
  /** @throws MillraceError `SOURCE_UNREADABLE`, to be tried again, when a file is not the one that was found */
  assertUnchanged(): Promise<void>;
}

/**
 * Finds the files and their columns. Types of csv and json are inferred from all rows, once.
 * @param root folder of the project, absolute
 * @param table the table that the rows go to
 * @throws MillraceError `SOURCE_MISSING` naming pattern and folder, `SOURCE_UNREADABLE` naming file and, for csv and json, line,
 *   `SOURCE_EMPTY` for json without a single object, `VALUE_INVALID` for a path that leads out of the project
 */
export async function openFileSource(
  session: EngineSession,
  source: FileSource,
  root: string,
  table: TableHint,
): Promise<FileRelation> {
  const patterns = typeof source.path === "string" ? [source.path] : source.path;
  const files: string[] = [];
  for (const pattern of patterns) files.push(...(await findFiles(session, pattern, root)));
  const unique = [...new Set(files)].toSorted();
  const format = source.format ?? commonFormat(unique);
  // csv is looked at byte by byte in any case
  if (format !== "csv") await assertWholeArchives(unique);
  const found = await fileVersions(unique);
  return {
    ...(await rowsOf(session, format, unique, source, table)),
    files: unique,
    async assertUnchanged() {
      const now = await fileVersions(unique);
      const changed = unique.find((_, index) => now[index] !== found[index]);
      if (changed !== undefined) throw changedMeanwhile(changed);
    },
  };
}

const extensions: Readonly<Record<string, FileFormat>> = {
  parquet: "parquet",
  pq: "parquet",
  csv: "csv",
  tsv: "csv",
  json: "json",
  ndjson: "ndjson",
  jsonl: "ndjson",
};

async function findFiles(session: EngineSession, pattern: string, root: string): Promise<string[]> {
  const absolute = resolveProjectPath(root, pattern);
  // a name with brackets may be just that name
  const isFile = await stat(absolute).then(
    (found) => found.isFile(),
    () => false,
  );
  const found = isFile ? [absolute] : await expandGlob(session, absolute);
  if (found.length === 0) throw missing(pattern, root);
  if (!isAbsolute(pattern)) await assertLinksInside(root, found, pattern);
  return found;
}

async function fileVersions(files: readonly string[]): Promise<string[]> {
  return await Promise.all(
    files.map(async (file) => {
      const found = await stat(file).catch(() => undefined);
      return found === undefined ? "gone" : `${found.ino}:${found.size}:${found.mtimeMs}`;
    }),
  );
}

function changedMeanwhile(file: string): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `the file changed while it was read: \`${file}\``, {
    disposition: "retry",
    hint: "let deliveries write under another name and rename the file when it is complete",
  });
}

async function expandGlob(session: EngineSession, pattern: string): Promise<string[]> {
  if (!/[*?[]/.test(pattern)) return [];
  const rows = await session.query(`SELECT file FROM glob(${quoteLiteral(pattern)}) ORDER BY file`);
  return rows.map((row) => String(row["file"]));
}

function missing(pattern: string, root: string): MillraceError {
  const isGlob = /[*?[]/.test(pattern);
  const what = isGlob ? `no file matches \`${pattern}\`` : `there is no file \`${pattern}\``;
  return new MillraceError("SOURCE_MISSING", isAbsolute(pattern) ? what : `${what} in folder \`${root}\``, {
    hint: "correct `path` of the source, or wait for the delivery",
  });
}

async function assertLinksInside(root: string, files: readonly string[], pattern: string): Promise<void> {
  const realRoot = await realpath(root);
  for (const file of files) assertInside(realRoot, await realpath(file), pattern);
}

function commonFormat(files: readonly string[]): FileFormat {
  const found = new Map<FileFormat | undefined, string>();
  for (const file of files) {
    const extension =
      file
        .toLowerCase()
        .replace(/\.(gz|zst)$/, "")
        .split(".")
        .at(-1) ?? "";
    found.set(extensions[extension], file);
  }
  const [format] = found.keys();
  if (found.size === 1 && format !== undefined) return format;
  const got = [...found.values()].map((file) => `\`${file}\``).join(", ");
  throw new MillraceError("VALUE_INVALID", `the format does not follow from the file names, got: ${got}`, {
    hint: `set \`format\`: ${fileFormats.join(", ")}`,
  });
}

async function rowsOf(
  session: EngineSession,
  format: FileFormat,
  files: readonly string[],
  source: FileSource,
  table: TableHint,
): Promise<SourceRows> {
  switch (format) {
    case "parquet":
      return await parquetRows(session, files);
    case "csv":
      return await csvRows(session, files, source.csv ?? {}, table);
    case "json":
    case "ndjson":
      return await jsonRows(session, format, files, { rows: source.json?.rows, table });
  }
}
