// What an output says of Parquet files.
import { assertKnownOptions, assertTexts } from "../../../core/errors/known-options.ts";

/** One Parquet file (mode `replace`), or a folder that gets one file a run (`append`). */
export interface ParquetOptions {
  readonly path: string;
}

/** @throws MillraceError `JOB_INVALID` */
export function assertParquetOptions(where: string, options: ParquetOptions): void {
  assertKnownOptions(where, options, ["path"]);
  assertTexts(`\`path\` of ${where}`, [options.path]);
}
