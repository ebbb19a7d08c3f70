// Publishes Parquet: one file that is swapped (`replace`), or a folder that gets one file a run (`append`).
// A file is made complete under a hidden name on the same disk and then renamed.
import { constants, copyFile, link, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Column, EngineSession } from "../../../compute/engine.ts";
import type { WriteMode } from "../../../core/dataset/dataset.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { fileList } from "../../files/file-list.ts";
import { errorCode, makeFolder, syncFolder, toTargetError } from "../../files/file-system.ts";
import { temporaryFile } from "../../files/temporary-file.ts";
import { flushFile } from "../../staged-rows.ts";
import type { Target, TargetInput, TargetResult } from "../../target.ts";
import { holdStaged, listStagedLimits } from "../staged-types.ts";
import type { TemporaryIntent } from "../temporary-leftovers.ts";
import { listParquetFiles, parquetRelation } from "./relation.ts";

/** A Parquet file or, for `append`, a folder of them, at an absolute path. */
export function createParquetTarget(path: string, mode: WriteMode): Target {
  return {
    format: "parquet",
    path,
    async currentColumns(session) {
      const files = await listFiles(path, mode);
      return files.length === 0 ? undefined : await describe(session, path, files);
    },
    hold: (columns) => columns.map(holdStaged),
    limits: listStagedLimits,
    async isCurrent(session, version) {
      if (!version.locations.some((known) => known.format === "parquet" && known.path === path)) return false;
      const files = await listFiles(path, mode);
      return files.length > 0 && (await countRows(session, files)) === version.rowCount;
    },
    hasPublished: async (_session, { runKey }) => mode === "append" && (await exists(partOf(path, runKey))),
    publish: (input) => publish(path, input),
  };
}

async function publish(path: string, input: TargetInput): Promise<TargetResult> {
  try {
    const [folder, file] = input.mode === "append" ? [path, partOf(path, input.writer.runKey)] : [dirname(path), path];
    await makeFolder(folder);
    if (input.mode !== "append" || !(await exists(file))) await place(file, input);
    const rowCount = await countRows(input.session, await listParquetFiles(path));
    return { location: { format: "parquet", path }, changed: true, rowCount, warnings: [] };
  } catch (error) {
    throw toTargetError(error, path);
  }
}

/** The one file that a run adds to a folder. */
function partOf(folder: string, runKey: string): string {
  return join(folder, `part-${runKey}.parquet`);
}

/** Whether a file of a folder has the name that a run gives to what it adds. */
export function isPartOfRun(name: string): boolean {
  return /^part-r\d+-[0-9a-z]+\.parquet$/.test(name);
}

async function place(file: string, input: TargetInput): Promise<void> {
  const temporary = temporaryFile(file, input.writer.runKey);
  const intent: TemporaryIntent = { format: "parquet", path: file, temporary };
  await input.intend(intent);
  try {
    await rm(temporary, { force: true });
    await fill(temporary, input);
    await input.failpoint("parquet:intended");
    await rename(temporary, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await input.failpoint("parquet:renamed");
}

/** The staged file itself when it has the right shape, which costs nothing on the same disk. */
async function fill(temporary: string, { session, staged, rows, signal }: TargetInput): Promise<void> {
  const [file] = staged.files;
  if (!staged.isPlainFile || file === undefined || rows.sql !== staged.relation) {
    await session.writeParquet(rows.sql, { path: temporary, signal });
    await flushFile(temporary);
    return;
  }
  try {
    await link(file.path, temporary);
  } catch (error) {
    if (!["EXDEV", "EPERM", "ENOTSUP", "EMLINK"].includes(errorCode(error) ?? "")) throw error;
    await copyFile(file.path, temporary, constants.COPYFILE_EXCL);
    await flushFile(temporary);
  }
}

async function listFiles(path: string, mode: WriteMode): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isDirectory() === (mode === "append")) return await listParquetFiles(path);
  const [wanted, got] = mode === "append" ? ["a folder", "a file"] : ["a file", "a folder"];
  throw new MillraceError("TARGET_UNREADABLE", `expected \`${path}\` to be ${wanted}, got: ${got}`, {
    hint: "mode `replace` writes one file, `append` a folder with one file a run; move the old one away or name another path",
  });
}

async function describe(session: EngineSession, path: string, files: readonly string[]): Promise<Column[]> {
  try {
    return await session.describe(parquetRelation(files));
  } catch (cause) {
    if (!(cause instanceof MillraceError) || cause.code !== "SOURCE_UNREADABLE") throw cause;
    throw new MillraceError("TARGET_UNREADABLE", `\`${path}\` is there but is not Parquet: ${cause.message}`, {
      cause,
      hint: "move it away or name another path; it is not overwritten",
    });
  }
}

async function countRows(session: EngineSession, files: readonly string[]): Promise<number> {
  const [row] = await session.query(`SELECT sum(num_rows)::BIGINT AS n FROM parquet_file_metadata(${fileList(files)})`);
  return Number(row?.["n"]);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
