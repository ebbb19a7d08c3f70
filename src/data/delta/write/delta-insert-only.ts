// Adds the rows whose key the table lacks; no file of the table is written again.
import {
  type ChangeInput,
  type ChangeResult,
  keyColumns,
  listFields,
  openFiles,
  stagedRows,
  tableRows,
  writeRows,
} from "./delta-change.ts";
import { findKeyFiles } from "./delta-merge.ts";

/** Writes the rows that are new to the staging folder. */
export async function insertNewRows(change: ChangeInput): Promise<ChangeResult> {
  if (change.staged.length === 0) return { written: [], removed: [] };
  const files = await findKeyFiles(change);
  if (files.length === 0) return { written: [], removed: [], takesStaged: true };
  const input = await openFiles(change, files);
  const keys = keyColumns(input).join(", ");
  const known = `SELECT ${keys} FROM (${tableRows(input, files)})`;
  const list = listFields(input).join(", ");
  const added = `SELECT ${list} FROM (${stagedRows(input)}) ANTI JOIN (${known}) USING (${keys})`;
  return { written: await writeRows(input, added), removed: [] };
}
