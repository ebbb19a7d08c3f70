// What an output says of a Delta Lake table.
import { assertKnownOptions, assertTexts } from "../../../core/errors/known-options.ts";

/** A Delta Lake table. */
export interface DeltaOptions {
  /** Folder of the table. Default: `<lake>/<dataset>`. */
  readonly path?: string;
  /** Columns whose values split the table into folders, so that queries for some values read no others. */
  readonly partitionBy?: readonly string[];
}

/** @throws MillraceError `JOB_INVALID` */
export function assertDeltaOptions(where: string, options: DeltaOptions): void {
  assertKnownOptions(where, options, ["path", "partitionBy"]);
  if (options.path !== undefined) assertTexts(`\`path\` of ${where}`, [options.path]);
  if (options.partitionBy !== undefined) assertTexts(`\`partitionBy\` of ${where}`, options.partitionBy, 0);
}
