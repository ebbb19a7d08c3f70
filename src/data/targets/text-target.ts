// Publishes rows as text: one file that is swapped (`replace`), or a folder that gets one file a run (`append`).
import { rm, stat } from "node:fs/promises";
import type { Column, EngineSession } from "../../compute/engine.ts";
import type { DatasetLocation, WriteMode } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { toTargetError } from "../files/file-system.ts";
import { flushFile } from "../staged-rows.ts";
import type { Leftovers, Target, TargetInput, TargetResult } from "../target.ts";
import {
  columnFileOf,
  hasLonelyColumns,
  removeColumns,
  removeLonelyColumns,
  saveColumns,
  settleColumns,
} from "./column-file.ts";
import { findFileDamage } from "./file-damage.ts";
import {
  deleteFilesOfRuns,
  hasFileOfRun,
  listDataFiles,
  listFilesOfMode,
  notOfKind,
  publishFile,
} from "./run-files.ts";
import { listStagedLimits } from "./staged-types.ts";
import { type TemporaryIntent, temporaryLeftovers } from "./temporary-leftovers.ts";
import type { TextFormat } from "./text-format.ts";
import { countText, describeText, loadFiles } from "./text-relation.ts";
import { scanText } from "./text-scan.ts";

/** A file of text or, for `append`, a folder of them, at an absolute path. */
export function createTextTarget(format: TextFormat, path: string, mode: WriteMode): Target {
  return {
    format: format.format,
    path,
    currentColumns: async (session) => await describe(format, session, path, mode),
    hold: (columns) => columns.map((column) => format.hold(column)),
    limits: (columns) => [...listStagedLimits(columns), ...columns.flatMap((column) => format.limits(column))],
    async isCurrent(_session, version) {
      if (!version.locations.some((known) => known.format === format.format && known.path === path)) return false;
      const files = await listFilesOfMode(path, mode, format);
      return files.length > 0 && (await countText(files)) === version.rowCount;
    },
    hasPublished: async (_session, { runKey }) => mode === "append" && (await hasFileOfRun(path, runKey, format)),
    publish: (input) => publish(format, path, input),
  };
}

/** What an interrupted publication leaves: the hidden file that was to be renamed, and the columns of a file that never came. */
export function textLeftovers(format: string): Leftovers<TemporaryIntent> {
  const files = temporaryLeftovers(format, (file) => rm(file, { force: true }));
  return {
    ...files,
    async clear(intent) {
      await files.clear(intent);
      await removeLonelyColumns(intent.path);
    },
    list: async (intent) => [
      ...(await files.list(intent)),
      ...((await hasLonelyColumns(intent.path)) ? [columnFileOf(intent.path)] : []),
    ],
  };
}

/** Files that have not the size that they were published with. */
export async function findTextDamage(format: TextFormat, { path }: DatasetLocation): Promise<readonly string[]> {
  return await findFileDamage(path, async () => {
    return (await loadFiles(await listDataFiles(path, format)))
      .filter(({ isAsWritten }) => !isAsWritten)
      .map((file) => `\`${file.path}\` has ${file.bytesNow} bytes, and ${file.bytes} were published`);
  });
}

/** The file itself, or the files of runs in the folder, with what is beside them. */
export async function deleteText(format: TextFormat, { path }: DatasetLocation): Promise<void> {
  await deleteFilesOfRuns(path, format, async (file) => {
    await rm(file, { force: true });
    await removeColumns(file);
  });
}

async function describe(
  format: TextFormat,
  session: EngineSession,
  path: string,
  mode: WriteMode,
): Promise<readonly Column[] | undefined> {
  const files = await listFilesOfMode(path, mode, format);
  try {
    return await describeText(format, session, files);
  } catch (cause) {
    if (!(cause instanceof MillraceError) || cause.code !== "SOURCE_UNREADABLE") throw cause;
    throw notOfKind(path, format.title, cause);
  }
}

async function publish(format: TextFormat, path: string, input: TargetInput): Promise<TargetResult> {
  try {
    await publishFile(path, format, input, (temporary, file) => fill(format, temporary, file, input));
    const files = await listDataFiles(path, format);
    for (const file of files) await settleColumns(file);
    const rowCount = await countText(files);
    return { location: { format: format.format, path }, changed: true, rowCount, warnings: [] };
  } catch (error) {
    throw toTargetError(error, path);
  }
}

/** The file is whole before its columns are known, and its columns are known before it is there. */
async function fill(
  format: TextFormat,
  temporary: string,
  file: string,
  { session, rows, staged, signal }: TargetInput,
): Promise<void> {
  await session.execute(format.write(rows, temporary), { signal });
  await flushFile(temporary);
  const { size: bytes, mtimeMs: modifiedAtMs } = await stat(temporary);
  await saveColumns(file, {
    bytes,
    modifiedAtMs,
    rows: staged.files.reduce((sum, { rows: count }) => sum + count, 0),
    columns: rows.columns.map(({ name, type }) => ({ name, type })),
    ...(await scanText(temporary, format.quote)),
  });
}
