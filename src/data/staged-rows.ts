// Rows on disk before they are published: Parquet, written once, flushed before anything is published, and readable as one relation.
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Column, type EngineSession, quoteIdentifier, type WrittenFile } from "../compute/engine.ts";
import { makeFolder, syncFolder, toTargetError } from "./files/file-system.ts";
import { fileList } from "./files/file-list.ts";

/**
 * A column as it stands in staged files. `logicalType` is what it was before staging, when reading should give that back: a
 * format whose only timestamp is an instant gets a `TIMESTAMP` as one in UTC.
 */
export interface StagedColumn extends Column {
  readonly logicalType?: "TIMESTAMP";
}

/** How rows are laid out in staged files. */
export interface StagedLayout {
  /** Columns as the files have them, in the order of the rows. */
  readonly columns: readonly StagedColumn[];
  /** Wraps a query over rows so that it gives `columns`. */
  select(sql: string): string;
  /** Absent when all rows go into one file. */
  readonly partitions?: StagedPartitions;
}

/** Rows that are split into files by the values of some columns, which the files then lack. */
export interface StagedPartitions {
  readonly by: readonly string[];
  /** One `select` over the rows of such files below `folder`, with the columns of the rows. */
  relationOf(files: readonly WrittenFile[], folder: string): string;
}

/** Rows in one file as they are. */
export function plainLayout(columns: readonly Column[]): StagedLayout {
  return { columns, select: (sql) => sql };
}

export interface StagedRows {
  readonly folder: string;
  readonly files: readonly WrittenFile[];
  /** Columns of the rows, partition columns included. */
  readonly columns: readonly Column[];
  /** The same columns as they are in the files, where an instant may stand for a timestamp. */
  readonly storedColumns: readonly StagedColumn[];
  /** One `select` over the rows, with `columns`. */
  readonly relation: string;
  /** Whether the one file holds exactly `columns`, so that it can be published as it is. */
  readonly isPlainFile: boolean;
  readonly bytes: number;
  /** Makes files and folders survive the loss of power; to be done before anything is published. @throws MillraceError `DISK_FULL` */
  flush(): Promise<void>;
}

export interface StageInput {
  readonly session: EngineSession;
  readonly sql: string;
  readonly layout: StagedLayout;
  /** Made if needed; nothing else writes there. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Writes the rows. @throws MillraceError `DISK_FULL`, and whatever the query fails with */
export async function stageRows(input: StageInput): Promise<StagedRows> {
  const { session, sql, layout, folder, signal } = input;
  const { partitions, columns: storedColumns } = layout;
  await makeFolder(folder);
  const path = join(folder, partitions === undefined ? "rows.parquet" : "rows");
  const written = await session.writeParquet(layout.select(sql), { path, partitionBy: partitions?.by ?? [], signal });
  // an empty file is a file of the table for nothing, except where the file is the table
  const files = partitions === undefined ? written : written.filter((file) => file.rows > 0);
  const columns = storedColumns.map(({ name, type, logicalType }) => ({ name, type: logicalType ?? type }));
  return {
    folder,
    files,
    columns,
    storedColumns,
    relation: partitions?.relationOf(files, folder) ?? relationOf(files, storedColumns),
    isPlainFile: partitions === undefined && storedColumns.every(({ logicalType }) => logicalType === undefined),
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    flush: () => flush(files, folder),
  };
}

async function flush(files: readonly WrittenFile[], folder: string): Promise<void> {
  const folders = new Set([folder]);
  for (const { path } of files) {
    await flushFile(path);
    folders.add(dirname(path));
  }
  for (const path of folders) await syncFolder(path);
}

/** Makes what was written to a file survive the loss of power. @throws MillraceError `DISK_FULL` */
export async function flushFile(path: string): Promise<void> {
  try {
    const handle = await open(path, "r+");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw toTargetError(error, path);
  }
}

function relationOf(files: readonly WrittenFile[], columns: readonly StagedColumn[]): string {
  if (files.length === 0) {
    const list = columns.map(
      (column) => `CAST(NULL AS ${column.logicalType ?? column.type}) AS ${quoteIdentifier(column.name)}`,
    );
    return `SELECT ${list.join(", ")} WHERE false`;
  }
  const list = columns.map((column) => `${valueOf(column)} AS ${quoteIdentifier(column.name)}`);
  return `SELECT ${list.join(", ")} FROM read_parquet(${fileList(files.map(({ path }) => path))}, hive_partitioning = false)`;
}

function valueOf({ name, logicalType }: StagedColumn): string {
  const column = quoteIdentifier(name);
  if (logicalType === undefined) return column;
  return `CASE WHEN isfinite(${column}) THEN make_timestamp(epoch_us(${column})) ELSE CAST(${column} AS TIMESTAMP) END`;
}
