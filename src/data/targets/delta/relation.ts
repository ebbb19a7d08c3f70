// Reads what was published to a Delta table: as of the recorded version, whatever came after it.
import type { StoredFiles } from "../../../compute/cluster.ts";
import type { DatasetLocation } from "../../../core/dataset/dataset.ts";
import { findStoredFiles, openDeltaScan } from "../../delta/delta-table.ts";
import type { TableRows } from "../../table-rows.ts";
import type { TableReading } from "../../target.ts";

export interface DeltaLocation extends DatasetLocation {
  /** Version of the table's log. */
  readonly version: number;
}

/** Finds the rows of a version. A query reads only those of the table's files that it needs, and throws what is wrong with one of them. */
export async function readDelta({ path, version }: DeltaLocation, reading: TableReading): Promise<TableRows> {
  const { session, spool } = reading;
  const warn = (message: string): void => reading.warn(message);
  return { scan: await openDeltaScan(path, { session, version, spool, warn }) };
}

/** The files of a version, unless rows of them are deleted, renamed or elsewhere. */
export async function findDeltaFiles(
  { path, version }: DeltaLocation,
  { session }: TableReading,
): Promise<StoredFiles | undefined> {
  return await findStoredFiles(path, { session, version });
}
