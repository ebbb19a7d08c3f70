// Rows on disk before they are published: Parquet, written once, flushed before anything is published, and readable as one relation.
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Column, type EngineSession, quoteIdentifier, quoteLiteral, type WrittenFile } from "../compute/engine.ts";
import { makeFolder, syncFolder, toTargetError } from "./files/file-system.ts";
import { asAddFile } from "./delta/write/delta-placement.ts";
import { relationOf as deltaRelationOf } from "./delta/read/delta-relation.ts";
import { type StagedColumn, toDeltaSchema } from "./delta/schema/delta-schema.ts";

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
  /** The rows with `storedColumns`. */
  readonly sql: string;
  readonly storedColumns: readonly StagedColumn[];
  readonly partitionBy: readonly string[];
  /** Made if needed; nothing else writes there. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Writes the rows. @throws MillraceError `DISK_FULL`, and whatever the query fails with */
export async function stageRows(input: StageInput): Promise<StagedRows> {
  const { session, sql, storedColumns, partitionBy, folder, signal } = input;
  await makeFolder(folder);
  const partitioned = partitionBy.length > 0;
  const path = join(folder, partitioned ? "rows" : "rows.parquet");
  const written = await session.writeParquet(sql, { path, partitionBy, signal });
  // an empty file is a file of the table for nothing, except where the file is the table
  const files = partitioned ? written.filter((file) => file.rows > 0) : written;
  const columns = storedColumns.map(({ name, type, logicalType }) => ({ name, type: logicalType ?? type }));
  return {
    folder,
    files,
    columns,
    storedColumns,
    relation: partitioned ? partitionedRelationOf(files, storedColumns, input) : relationOf(files, storedColumns),
    isPlainFile: !partitioned && storedColumns.every(({ logicalType }) => logicalType === undefined),
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
  const paths = files.map((file) => quoteLiteral(file.path.replaceAll(/[*?[]/g, "[$&]"))).join(", ");
  const list = columns.map((column) => `${valueOf(column)} AS ${quoteIdentifier(column.name)}`);
  return `SELECT ${list.join(", ")} FROM read_parquet([${paths}], hive_partitioning = false)`;
}

/** Only a Delta table has partitions, and its values are in no file: they are joined as those of a table in the log are. */
function partitionedRelationOf(
  files: readonly WrittenFile[],
  columns: readonly StagedColumn[],
  { folder, partitionBy }: StageInput,
): string {
  const schema = toDeltaSchema(columns);
  const added = files.map((file) => asAddFile(file, schema, partitionBy));
  return deltaRelationOf({
    tablePath: folder,
    schema,
    partitionColumns: partitionBy,
    files: added,
    holdsEmptyTexts: true,
  });
}

function valueOf({ name, logicalType }: StagedColumn): string {
  const column = quoteIdentifier(name);
  if (logicalType === undefined) return column;
  return `CASE WHEN isfinite(${column}) THEN make_timestamp(epoch_us(${column})) ELSE CAST(${column} AS TIMESTAMP) END`;
}
