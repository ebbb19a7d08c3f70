// A table of plain files on this machine: one that is swapped (`replace`), or a folder that gets one
// file a run (`append`). A file is made complete under a hidden name on the same disk and then renamed. None of these
// formats has versions.
import { readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Column, EngineSession } from "../../compute/engine.ts";
import type { DatasetLocation, WriteMode } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { makeFolder, syncFolder, toTargetError } from "../files/file-system.ts";
import { removeIfEmpty } from "../files/staging-folders.ts";
import { temporaryFile } from "../files/temporary-file.ts";
import type { HeldColumn } from "../schema-contract.ts";
import type { TableRows } from "../table-rows.ts";
import type { Leftovers, Target, TargetInput, TargetResult, ValueLimit } from "../target.ts";
import { findFileDamage } from "./file-damage.ts";
import { holdStaged, listStagedLimits } from "./staged-types.ts";
import { type TemporaryIntent, temporaryLeftovers } from "./temporary-leftovers.ts";

/** A format of files that hold rows. */
export interface FileTable {
  /** The format of the target. */
  readonly format: string;
  /** What people call such a file, such as `Parquet`. */
  readonly title: string;
  /** The ending of its files, without the dot. */
  readonly ending: string;
  /** How a column is held; default: as it is staged. */
  hold?(column: Column): HeldColumn;
  /** What it cannot hold of a column, beside what staging cannot. */
  limits?(column: Column): readonly ValueLimit[];
  /** Makes a file of `input.rows`, and flushes it. Nothing is at `file`, which is renamed to `finalPath` when it is whole. */
  write(file: string, input: TargetInput, finalPath: string): Promise<void>;
  /**
   * One `select` over the rows of all files, with the same columns and types as were written.
   * @throws MillraceError `SOURCE_UNREADABLE`
   */
  relation(files: readonly string[]): string | Promise<string>;
  /** Columns of the files; default: those of `relation`. @throws MillraceError `SOURCE_UNREADABLE` */
  columns?(session: EngineSession, files: readonly string[]): Promise<readonly Column[]>;
  countRows(session: EngineSession, files: readonly string[]): Promise<number>;
  /** Present when `write` makes something else beside the file. */
  readonly companion?: FileCompanion;
}

/** What is beside a data file and belongs to it. */
export interface FileCompanion {
  /** Its path. */
  of(file: string): string;
  /** Called for each file when it is in its place. */
  settle(file: string): Promise<void>;
  /** Removes what is there although `file` is not. */
  clear(file: string): Promise<void>;
  /** Paths of what `clear` would remove. */
  list(file: string): Promise<readonly string[]>;
  /** Removes it with its file. */
  remove(file: string): Promise<void>;
}

/** A file or, for `append`, a folder of them, at an absolute path. */
export function createLocalTarget(table: FileTable, path: string, mode: WriteMode): Target {
  const { format } = table;
  return {
    format,
    path,
    async currentColumns(session) {
      const files = await listOfMode(table, path, mode);
      return files.length === 0 ? undefined : await describe(table, session, path, files);
    },
    hold: (columns) => columns.map((column) => table.hold?.(column) ?? holdStaged(column)),
    limits: (columns) => [...listStagedLimits(columns), ...columns.flatMap((column) => table.limits?.(column) ?? [])],
    async isCurrent(session, version) {
      if (!version.locations.some((known) => known.format === format && known.path === path)) return false;
      const files = await listOfMode(table, path, mode);
      return files.length > 0 && (await table.countRows(session, files)) === version.rowCount;
    },
    hasPublished: async (_session, { runKey }) => mode === "append" && (await exists(partOf(table, path, runKey))),
    publish: (input) => publish(table, path, input),
  };
}

/** What interrupted publications leave: hidden files, and companions without a file. */
export function localLeftovers({ format, companion }: FileTable): Leftovers<TemporaryIntent> {
  const files = temporaryLeftovers(format, (file) => rm(file, { force: true }));
  return {
    ...files,
    async clear(intent) {
      await files.clear(intent);
      await companion?.clear(intent.path);
    },
    list: async (intent) => [...(await files.list(intent)), ...((await companion?.list(intent.path)) ?? [])],
  };
}

/** The rows of the files that are there now. */
export async function readLocalTable(table: FileTable, { path }: DatasetLocation): Promise<TableRows> {
  const files = await listFiles(table, path);
  if (files.length > 0) return { sql: await table.relation(files) };
  throw new MillraceError("SOURCE_MISSING", `there is no ${table.title} file at \`${path}\``);
}

/** Reads as much of the files as tells their columns. */
export async function findLocalDamage(
  table: FileTable,
  session: EngineSession,
  { path }: DatasetLocation,
): Promise<readonly string[]> {
  return await findFileDamage(path, async () => {
    const files = await listFiles(table, path);
    if (files.length > 0) await session.describe(await table.relation(files));
    return [];
  });
}

/** Removes the file itself, or the files of runs in the folder, and the folder if it is empty then. */
export async function deleteLocalTable(table: FileTable, { path }: DatasetLocation): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return await table.companion?.remove(path);
  if (!found.isDirectory()) return await deleteFile(table, path);
  for (const name of await readdir(path)) {
    if (/^part-r\d+-[0-9a-z]+\./.test(name) && name.endsWith(`.${table.ending}`))
      await deleteFile(table, join(path, name));
  }
  await removeIfEmpty(path);
}

async function deleteFile({ companion }: FileTable, file: string): Promise<void> {
  await rm(file, { force: true });
  await companion?.remove(file);
}

async function publish(table: FileTable, path: string, input: TargetInput): Promise<TargetResult> {
  const { format } = table;
  try {
    const isAdded = input.mode === "append";
    const file = isAdded ? partOf(table, path, input.writer.runKey) : path;
    await makeFolder(dirname(file));
    if (!isAdded || !(await exists(file))) await place(table, file, input);
    await table.companion?.settle(file);
    const rowCount = await table.countRows(input.session, await listFiles(table, path));
    return { location: { format, path }, changed: true, rowCount, warnings: [] };
  } catch (error) {
    throw toTargetError(error, path);
  }
}

/** The one file that a run adds to a folder. */
function partOf({ ending }: FileTable, folder: string, runKey: string): string {
  return join(folder, `part-${runKey}.${ending}`);
}

async function place(table: FileTable, file: string, input: TargetInput): Promise<void> {
  const { format } = table;
  const temporary = temporaryFile(file, input.writer.runKey);
  const intent: TemporaryIntent = { format, path: file, temporary };
  await input.intend(intent);
  try {
    await rm(temporary, { force: true });
    await table.write(temporary, input, file);
    await input.failpoint(`${format}:intended`);
    await rename(temporary, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await input.failpoint(`${format}:renamed`);
}

/** The data files of a location: the file itself, or those of the folder. Hidden ones are somebody's work in progress. */
async function listFiles({ ending }: FileTable, path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  const names = await readdir(path);
  return names
    .filter((name) => name.endsWith(`.${ending}`) && !name.startsWith("."))
    .toSorted()
    .map((name) => join(path, name));
}

async function listOfMode(table: FileTable, path: string, mode: WriteMode): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isDirectory() === (mode === "append")) return await listFiles(table, path);
  const [wanted, got] = mode === "append" ? ["a folder", "a file"] : ["a file", "a folder"];
  throw new MillraceError("TARGET_UNREADABLE", `expected \`${path}\` to be ${wanted}, got: ${got}`, {
    hint: "mode `replace` writes one file, `append` a folder with one file a run; move the old one away or name another path",
  });
}

async function describe(
  table: FileTable,
  session: EngineSession,
  path: string,
  files: readonly string[],
): Promise<readonly Column[]> {
  try {
    return await (table.columns?.(session, files) ?? session.describe(await table.relation(files)));
  } catch (cause) {
    if (!(cause instanceof MillraceError) || cause.code !== "SOURCE_UNREADABLE") throw cause;
    throw new MillraceError("TARGET_UNREADABLE", `\`${path}\` is there but is not ${table.title}: ${cause.message}`, {
      cause,
      hint: "move it away or name another path; it is not overwritten",
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
