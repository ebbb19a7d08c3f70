// Publishes Parquet: one file that is swapped (`replace`), or a folder that gets one file a run (`append`).
import { constants, copyFile, link } from "node:fs/promises";
import type { EngineSession } from "../../../compute/engine.ts";
import { errorCode } from "../../files/file-system.ts";
import { fileList } from "../../files/file-list.ts";
import { flushFile } from "../../staged-rows.ts";
import type { TargetInput } from "../../target.ts";
import type { FileTable } from "../file-table.ts";
import { parquetRelation } from "./relation.ts";

export const parquetTable: FileTable = {
  format: "parquet",
  title: "Parquet",
  ending: "parquet",
  write,
  relation: parquetRelation,
  countRows,
};

/** The staged file itself when it has the right shape, which costs nothing on the same disk. */
async function write(path: string, { session, staged, rows, signal }: TargetInput): Promise<void> {
  const [file] = staged.files;
  if (!staged.isPlainFile || file === undefined || rows.sql !== staged.relation) {
    await session.writeParquet(rows.sql, { path, signal });
    await flushFile(path);
    return;
  }
  try {
    await link(file.path, path);
  } catch (error) {
    if (!["EXDEV", "EPERM", "ENOTSUP", "EMLINK"].includes(errorCode(error) ?? "")) throw error;
    await copyFile(file.path, path, constants.COPYFILE_EXCL);
    await flushFile(path);
  }
}

async function countRows(session: EngineSession, files: readonly string[]): Promise<number> {
  const [row] = await session.query(`SELECT sum(num_rows)::BIGINT AS n FROM parquet_file_metadata(${fileList(files)})`);
  return Number(row?.["n"]);
}
