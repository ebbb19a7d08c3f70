// Column mapping: columns have names and ids in the files that stay when the table renames them.
// @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#column-mapping
import { randomUUID } from "node:crypto";
import type { FieldIds } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { Metadata } from "../log/delta-actions.ts";
import { type DeltaField, type DeltaStruct, type DeltaType, mapFields } from "./delta-schema.ts";

/** How a column is found in a file: by its own name, by its physical name, or by its id. */
export type ColumnMapping = "none" | "name" | "id";

/** @throws MillraceError `DELTA_UNSUPPORTED` for a mode of newer Delta */
export function readColumnMapping({ configuration }: Metadata): ColumnMapping {
  const mode = configuration?.["delta.columnMapping.mode"] ?? "none";
  if (mode === "none" || mode === "name" || mode === "id") return mode;
  throw new MillraceError("DELTA_UNSUPPORTED", `the table has an unknown mode of column mapping, got: \`${mode}\``);
}

/** The name of a column in files, statistics and partition values. */
export function physicalName({ name, metadata }: DeltaField, mapping: ColumnMapping): string {
  const physical = mapping === "none" ? undefined : metadata?.[physicalNameKey];
  return typeof physical === "string" ? physical : name;
}

/** The id of a column in files. */
export function fieldId({ metadata }: DeltaField): number | undefined {
  const id = metadata?.[idKey];
  return typeof id === "number" ? id : undefined;
}

/** The schema with the names that its columns, and the fields in them, have in files. */
export function toPhysicalSchema(schema: DeltaStruct, mapping: ColumnMapping): DeltaStruct {
  if (mapping === "none") return schema;
  return mapFields(schema, (field) => ({ ...field, name: physicalName(field, mapping) }));
}

/** A schema of which every column has an id and a physical name. */
export interface IdentifiedSchema {
  readonly schema: DeltaStruct;
  /** The greatest id that was ever given. */
  readonly maxColumnId: number;
}

/** Gives ids and physical names to the columns, and to the fields in them, that have none. */
export function identifyColumns(schema: DeltaStruct, maxColumnId: number): IdentifiedSchema {
  let last = maxColumnId;
  const identified = mapFields(schema, (field) => {
    if (fieldId(field) !== undefined) return field;
    last += 1;
    return { ...field, metadata: { ...field.metadata, [idKey]: last, [physicalNameKey]: `col-${randomUUID()}` } };
  });
  return { schema: identified, maxColumnId: last };
}

/** The setting with the greatest id. */
export const maxColumnIdKey = "delta.columnMapping.maxColumnId";

/** The ids that files with these columns have to have, by the names of `toPhysicalSchema`. */
export function toFieldIds({ fields }: DeltaStruct): FieldIds {
  return Object.fromEntries(
    fields.map((field) => {
      const id = fieldId(field);
      return [field.name, { ...(id === undefined ? {} : { id }), ...idsInside(field.type) }] as const;
    }),
  );
}

function idsInside(type: DeltaType): { readonly fields?: FieldIds } {
  if (typeof type === "string") return {};
  switch (type.type) {
    case "struct":
      return { fields: toFieldIds(type) };
    case "array":
      return { fields: { element: idsInside(type.elementType) } };
    case "map":
      return { fields: { key: idsInside(type.keyType), value: idsInside(type.valueType) } };
  }
}

const idKey = "delta.columnMapping.id";
const physicalNameKey = "delta.columnMapping.physicalName";
