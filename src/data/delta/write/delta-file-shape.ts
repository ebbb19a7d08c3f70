// The files that a table takes: their columns have the names and ids that its column mapping gives them.
import {
  type EngineSession,
  quoteIdentifier,
  type WriteParquetOptions,
  type WrittenFile,
} from "../../../compute/engine.ts";
import { type ColumnMapping, physicalName, toFieldIds, toPhysicalSchema } from "../schema/delta-column-mapping.ts";
import { findField } from "../schema/delta-schema-contract.ts";
import { type DeltaStruct, toEngineType } from "../schema/delta-schema.ts";
import { renameSql } from "../read/delta-rename-sql.ts";

/** The columns of a table as its files and its log name them. */
export interface FileShape {
  readonly schema: DeltaStruct;
  readonly partitionBy: readonly string[];
}

/** A table as a commit leaves it. */
export interface ShapedTable {
  readonly schema: DeltaStruct;
  readonly partitionBy: readonly string[];
  readonly mapping: ColumnMapping;
}

export function fileShapeOf({ schema, partitionBy, mapping }: ShapedTable): FileShape {
  return {
    schema: toPhysicalSchema(schema, mapping),
    partitionBy: partitionBy.map((name) => {
      const field = findField(schema, name);
      return field === undefined ? name : physicalName(field, mapping);
    }),
  };
}

/** Writes rows with the columns of the table as files that it takes. @returns those that have rows */
export async function writeTableFiles(
  session: EngineSession,
  sql: string,
  table: ShapedTable,
  options: Pick<WriteParquetOptions, "path" | "signal">,
): Promise<readonly WrittenFile[]> {
  const { partitionBy, ...ids } = writePlanOf(table);
  const written = await session.writeParquet(toFileColumns(sql, table), {
    ...options,
    path: partitionBy.length === 0 ? `${options.path}.parquet` : options.path,
    partitionBy,
    ...ids,
  });
  return written.filter((file) => file.rows > 0);
}

function writePlanOf(table: ShapedTable): Pick<WriteParquetOptions, "fieldIds"> & FileShapePartitions {
  const { schema, partitionBy } = fileShapeOf(table);
  if (table.mapping === "none") return { partitionBy };
  const stored = schema.fields.filter((field) => !partitionBy.includes(field.name));
  return { partitionBy, fieldIds: toFieldIds({ ...schema, fields: stored }) };
}

type FileShapePartitions = Pick<FileShape, "partitionBy">;

function toFileColumns(sql: string, { schema, mapping }: ShapedTable): string {
  if (mapping === "none") return sql;
  const physical = toPhysicalSchema(schema, mapping);
  const list = schema.fields.map((field, index) => {
    const { name, type } = physical.fields[index] ?? field;
    const value = `CAST(${quoteIdentifier(field.name)} AS ${toEngineType(field.type)})`;
    return `${renameSql(value, field.type, type)} AS ${quoteIdentifier(name)}`;
  });
  return `SELECT ${list.join(", ")} FROM (${sql})`;
}
