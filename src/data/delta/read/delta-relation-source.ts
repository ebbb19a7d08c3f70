// What a relation over files of a table is made of, and what its columns are to a query, in the files and in the log.
import { type Column, quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { DeltaSnapshot } from "../log/action-reconciliation.ts";
import type { AddFile } from "../log/delta-actions.ts";
import { toFilePath } from "../log/delta-path.ts";
import { type ColumnMapping, physicalName, toPhysicalSchema } from "../schema/delta-column-mapping.ts";
import { findField } from "../schema/delta-schema-contract.ts";
import { type DeltaField, type DeltaStruct, logicalTypeKey, toEngineType } from "../schema/delta-schema.ts";
import type { DeletedRows } from "../vectors/deletion-vector.ts";

/** What a relation is made of; `files` need not be in the log yet, then their paths are absolute. */
export interface DeltaRelationSource {
  readonly tablePath: string;
  readonly schema: DeltaStruct;
  readonly partitionColumns: readonly string[];
  readonly files: readonly AddFile[];
  /** How columns are found in the files. Default `none`, as it is until they are in a log. */
  readonly mapping?: ColumnMapping;
  /** Whether an empty text is a value of its own, as it is until the rows are in a log. Default false. */
  readonly holdsEmptyTexts?: boolean;
  /** What `lookInto` found out. */
  readonly known?: FileKnowledge;
}

/** What is not in the log but beside it and in the files. */
export interface FileKnowledge {
  readonly deleted: DeletedRows;
  /** For the mapping `id`: the stored columns of files with the names that they have there. */
  readonly layouts: ReadonlyMap<AddFile, DeltaStruct>;
}

/** All files of a snapshot as what a relation is made of. */
export function relationSourceOf({ tablePath, schema, mapping, files, metadata }: DeltaSnapshot): DeltaRelationSource {
  return { tablePath, schema, mapping, files, partitionColumns: metadata.partitionColumns };
}

/** A name that no column of the schema has, beginning with `wanted`. */
export function freeName(wanted: string, schema: DeltaStruct): string {
  let name = wanted;
  while (findField(schema, name) !== undefined) name += "_";
  return name;
}

/** The columns as a query sees them. */
export function logicalColumns(schema: DeltaStruct): Column[] {
  return schema.fields.map((field) => ({
    name: field.name,
    type: isZoneless(field) ? "TIMESTAMP" : toEngineType(field.type),
  }));
}

/** Tells whether the values were a `TIMESTAMP` before they were stored as instants in UTC. */
export function isZoneless(field: DeltaField): boolean {
  return field.type === "timestamp" && field.metadata?.[logicalTypeKey] === "TIMESTAMP";
}

/** The columns that are in the files, which partition columns are not. */
export function storedFields(schema: DeltaStruct, partitionColumns: readonly string[]): DeltaField[] {
  const partitions = new Set(partitionColumns.map((name) => name.toLowerCase()));
  return schema.fields.filter((field) => !partitions.has(field.name.toLowerCase()));
}

/** The columns that are in the files, as these name them. */
export function storedColumns({ schema, partitionColumns, mapping = "none" }: DeltaRelationSource): DeltaStruct {
  return toPhysicalSchema({ type: "struct", fields: storedFields(schema, partitionColumns) }, mapping);
}

export function partitionField(schema: DeltaStruct, column: string): DeltaField {
  const field = findField(schema, column);
  if (field === undefined) {
    throw new MillraceError("DELTA_CORRUPT", `the partition column is not in the schema, got: \`${column}\``);
  }
  if (typeof field.type !== "string" || field.type === "binary") {
    throw new MillraceError("DELTA_UNSUPPORTED", `cannot partition by a column of this type, got: \`${column}\``);
  }
  return field;
}

/** The value of a partition column in a file. An empty string stands for null, as the protocol says. */
export function partitionText(file: AddFile, field: DeltaField, source: DeltaRelationSource): string | null {
  const text = file.partitionValues[physicalName(field, source.mapping ?? "none")] ?? null;
  return text === "" && source.holdsEmptyTexts !== true ? null : text;
}

/** The file as the engine takes it in a list; a path is a pattern there, in which a character in brackets is itself. */
export function filePattern(tablePath: string, file: AddFile): string {
  return quoteLiteral(toFilePath(tablePath, file.path).replaceAll(/[*?[]/g, "[$&]"));
}
