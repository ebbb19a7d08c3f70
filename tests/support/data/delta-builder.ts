// Builds Delta tables as other writers make them, file by file, for tests of what Millrace itself never writes.
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EngineSession, FieldIds } from "../../../src/compute/engine.ts";
import type { AddFile, DeletionVector } from "../../../src/data/delta/log/delta-actions.ts";
import type { DeltaField } from "../../../src/data/delta/schema/delta-schema.ts";

export interface BuiltTable {
  readonly fields: readonly DeltaField[];
  readonly files: readonly BuiltFile[];
  readonly partitionColumns?: readonly string[];
  readonly configuration?: Readonly<Record<string, string>>;
  /** Features of readers, which writers know, too. */
  readonly features?: readonly string[];
  /** Features of writers alone. */
  readonly writerFeatures?: readonly string[];
}

export interface BuiltFile {
  /** Query of the rows that are in the file. */
  readonly rows: string;
  readonly fieldIds?: FieldIds;
  readonly partitionValues?: AddFile["partitionValues"];
  readonly deletionVector?: DeletionVector;
  /** Default: the number of rows alone. */
  readonly stats?: Readonly<Record<string, unknown>>;
}

/** Writes the table with one commit. @returns its files in the log */
export async function buildDeltaTable(session: EngineSession, path: string, table: BuiltTable): Promise<AddFile[]> {
  await mkdir(join(path, "_delta_log"), { recursive: true });
  const adds: AddFile[] = [];
  for (const [index, file] of table.files.entries()) adds.push(await writeDataFile(session, path, index, file));
  await writeCommit(path, 0, [...headOf(table), ...adds.map((add) => ({ add }))]);
  return adds;
}

/** The protocol and the metadata of a table. */
export function headOf({
  fields,
  partitionColumns = [],
  configuration = {},
  features = [],
  writerFeatures = [],
}: Omit<BuiltTable, "files">): readonly unknown[] {
  const protocol = {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: features,
    writerFeatures: [...features, ...writerFeatures],
  };
  const schemaString = JSON.stringify({ type: "struct", fields });
  const format = { provider: "parquet", options: {} };
  return [{ protocol }, { metaData: { id: "built", format, schemaString, partitionColumns, configuration } }];
}

export async function writeCommit(path: string, version: number, actions: readonly unknown[]): Promise<void> {
  const lines = actions.map((action) => `${JSON.stringify(action)}\n`).join("");
  await writeFile(join(path, "_delta_log", `${String(version).padStart(20, "0")}.json`), lines);
}

export function column(name: string, type: DeltaField["type"], metadata: DeltaField["metadata"] = {}): DeltaField {
  return { name, type, nullable: true, metadata };
}

/** A column that has a name and an id of its own in files. */
export function mapped(name: string, type: DeltaField["type"], physicalName: string, id: number): DeltaField {
  return column(name, type, {
    "delta.columnMapping.id": id,
    "delta.columnMapping.physicalName": physicalName,
  });
}

async function writeDataFile(
  session: EngineSession,
  path: string,
  index: number,
  { rows, fieldIds, partitionValues = {}, deletionVector, stats }: BuiltFile,
): Promise<AddFile> {
  const name = `part-${index}.parquet`;
  const [written] = await session.writeParquet(rows, {
    path: join(path, name),
    ...(fieldIds === undefined ? {} : { fieldIds }),
  });
  return {
    path: name,
    partitionValues,
    size: (await stat(join(path, name))).size,
    modificationTime: 0,
    dataChange: true,
    stats: JSON.stringify(stats ?? { numRecords: written?.rows ?? 0 }),
    ...(deletionVector === undefined ? {} : { deletionVector }),
  };
}
