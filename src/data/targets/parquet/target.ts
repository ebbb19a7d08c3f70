// Publishes Parquet: one file that is swapped (`replace`), or a folder that gets one file a run (`append`).
import { constants, copyFile, link } from "node:fs/promises";
import type { Column, EngineSession } from "../../../compute/engine.ts";
import type { WriteMode } from "../../../core/dataset/dataset.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { fileList } from "../../files/file-list.ts";
import { errorCode, toTargetError } from "../../files/file-system.ts";
import { flushFile } from "../../staged-rows.ts";
import type { Target, TargetInput, TargetResult } from "../../target.ts";
import { hasFileOfRun, listDataFiles, listFilesOfMode, notOfKind, publishFile } from "../run-files.ts";
import { holdStaged, listStagedLimits } from "../staged-types.ts";
import { parquetFiles, parquetRelation } from "./relation.ts";

/** A Parquet file or, for `append`, a folder of them, at an absolute path. */
export function createParquetTarget(path: string, mode: WriteMode): Target {
  return {
    format: "parquet",
    path,
    async currentColumns(session) {
      const files = await listFilesOfMode(path, mode, parquetFiles);
      return files.length === 0 ? undefined : await describe(session, path, files);
    },
    hold: (columns) => columns.map(holdStaged),
    limits: listStagedLimits,
    async isCurrent(session, version) {
      if (!version.locations.some((known) => known.format === "parquet" && known.path === path)) return false;
      const files = await listFilesOfMode(path, mode, parquetFiles);
      return files.length > 0 && (await countRows(session, files)) === version.rowCount;
    },
    hasPublished: async (_session, { runKey }) => mode === "append" && (await hasFileOfRun(path, runKey, parquetFiles)),
    publish: (input) => publish(path, input),
  };
}

async function publish(path: string, input: TargetInput): Promise<TargetResult> {
  try {
    await publishFile(path, parquetFiles, input, (temporary) => fill(temporary, input));
    const rowCount = await countRows(input.session, await listDataFiles(path, parquetFiles));
    return { location: { format: "parquet", path }, changed: true, rowCount, warnings: [] };
  } catch (error) {
    throw toTargetError(error, path);
  }
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

async function describe(session: EngineSession, path: string, files: readonly string[]): Promise<Column[]> {
  try {
    return await session.describe(parquetRelation(files));
  } catch (cause) {
    if (!(cause instanceof MillraceError) || cause.code !== "SOURCE_UNREADABLE") throw cause;
    throw notOfKind(path, "Parquet", cause);
  }
}

async function countRows(session: EngineSession, files: readonly string[]): Promise<number> {
  const [row] = await session.query(`SELECT sum(num_rows)::BIGINT AS n FROM parquet_file_metadata(${fileList(files)})`);
  return Number(row?.["n"]);
}
