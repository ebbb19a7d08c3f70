// Files as one relation: globs are resolved before anything is read, and the columns of all files are known before the first row.
import { realpath, stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { type EngineSession, quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { assertInside, resolveProjectPath } from "../../files/project-path.ts";
import type { SourceRows, KnownTable } from "../source-rows.ts";
import { readFiles } from "../read-files.ts";
import type { FileSource } from "./options.ts";

/** Files that were found, and how to read their rows in the order of their paths. */
export interface FileRelation extends SourceRows {
  /** Absolute. */
  readonly files: readonly string[];
  /** @throws MillraceError `SOURCE_UNREADABLE`, to be tried again, when a file is not the one that was found */
  assertUnchanged(): Promise<void>;
}

export interface FileOpening {
  /** Folder of the project, absolute. */
  readonly root: string;
  /** The table that the rows go to. */
  readonly table: KnownTable;
  /** Folder for what is made of the files, which is the caller's to delete. */
  readonly spool: string;
  /** Told each secret, so that it is masked wherever it turns up. */
  readonly onSecret?: ((secret: string) => void) | undefined;
}

/**
 * Finds the files and their columns. Types that the files do not tell are inferred from all rows, once.
 * @throws MillraceError `SOURCE_MISSING` naming pattern and folder, `SOURCE_UNREADABLE` naming file and, where it has lines, line,
 *   `SOURCE_EMPTY`, `VALUE_INVALID` for a path that leads out of the project
 */
export async function openFileSource(
  session: EngineSession,
  source: FileSource,
  { root, table, spool, onSecret }: FileOpening,
): Promise<FileRelation> {
  const unique = await findSourceFiles(session, source, root);
  const found = await fileVersions(unique);
  const named = unique.map((path) => ({ path, name: path }));
  return {
    ...(await readFiles(session, named, { options: source, table, spool, root, onSecret })),
    files: unique,
    async assertUnchanged() {
      const now = await fileVersions(unique);
      const changed = unique.find((_, index) => now[index] !== found[index]);
      if (changed !== undefined) throw changedMeanwhile(changed);
    },
  };
}

/** Absolute paths of the files, sorted. @throws MillraceError `SOURCE_MISSING`, `VALUE_INVALID` */
export async function findSourceFiles(
  session: EngineSession,
  source: Pick<FileSource, "path">,
  root: string,
): Promise<readonly string[]> {
  const patterns = typeof source.path === "string" ? [source.path] : source.path;
  const files: string[] = [];
  for (const pattern of patterns) files.push(...(await findFiles(session, pattern, root)));
  return [...new Set(files)].toSorted();
}

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
