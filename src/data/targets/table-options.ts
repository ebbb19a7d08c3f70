// What outputs say of a table in a database file, whatever the database.
import { assertKnownOptions, assertTexts } from "../../core/errors/known-options.ts";
import type { DatasetLocation } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";

/** A table of a database file; both are made when they are missing. */
export interface TableOptions {
  readonly path: string;
  /** Default: the name of the dataset. */
  readonly table?: string;
}

/** A table of a database file, as it is recorded. */
export interface TableLocation extends DatasetLocation {
  readonly table: string;
}

/**
 * @param format as people call it, for the message
 * @param reserved beginnings of names that the database or our own bookkeeping in it has taken, whatever their case
 * @throws MillraceError `JOB_INVALID`
 */
export function assertTableOptions(
  where: string,
  { options, dataset }: { readonly options: TableOptions; readonly dataset: string },
  format: string,
  reserved: readonly string[],
): void {
  assertKnownOptions(where, options, ["path", "table"]);
  assertTexts(`\`path\` of ${where}`, [options.path]);
  if (options.table !== undefined) assertTexts(`\`table\` of ${where}`, [options.table]);
  const { table = dataset } = options;
  const prefix = reserved.find((start) => table.toLowerCase().startsWith(start));
  if (prefix === undefined) return;
  const taken = `names of ${format} tables that start with \`${prefix}\` are taken, got: \`${table}\``;
  throw new MillraceError("JOB_INVALID", taken, { hint: `name another \`table\` in the \`${format}\` target` });
}
