// Delta's schema and its match in the engine: which Delta type a column gets, and which engine type a Delta column has in the files.
// @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#schema-serialization-format
import { type EngineType, parseEngineType, printEngineType } from "../../../compute/engine-type.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { StagedColumn } from "../../staged-rows.ts";

/** A primitive is its name, e.g. `long` or `decimal(18,2)`. */
export type DeltaType = string | DeltaStruct | DeltaArray | DeltaMap;

export interface DeltaStruct {
  readonly type: "struct";
  readonly fields: readonly DeltaField[];
}

export interface DeltaArray {
  readonly type: "array";
  readonly elementType: DeltaType;
  readonly containsNull: boolean;
}

export interface DeltaMap {
  readonly type: "map";
  readonly keyType: DeltaType;
  readonly valueType: DeltaType;
  readonly valueContainsNull: boolean;
}

export interface DeltaField {
  readonly name: string;
  readonly type: DeltaType;
  readonly nullable: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Key of the field metadata that holds `logicalType`. */
export const logicalTypeKey = "millrace.type";

/**
 * The schema of a new table with these columns; every column is nullable. A staged column is a `TIMESTAMP` only when its
 * table has times without a zone.
 */
export function toDeltaSchema(columns: readonly StagedColumn[]): DeltaStruct {
  return {
    type: "struct",
    fields: columns.map((column) => ({
      name: column.name,
      type: toDeltaType(column.type, "timestamp_ntz"),
      nullable: true,
      metadata: column.logicalType === undefined ? {} : { [logicalTypeKey]: column.logicalType },
    })),
  };
}

/** What a `TIMESTAMP` becomes: an instant in UTC, which every reader knows, or a time without a zone. */
export type ZonelessType = "timestamp" | "timestamp_ntz";

/** The Delta type that holds every value of an engine type; types that Delta lacks become wider numbers or text. */
export function toDeltaType(engineType: string, zoneless: ZonelessType = "timestamp"): DeltaType {
  return deltaTypeOf(parseEngineType(engineType), zoneless);
}

/** The engine type that files of a Delta column have. @throws MillraceError `DELTA_UNSUPPORTED` for a type of newer Delta */
export function toEngineType(type: DeltaType): string {
  return printEngineType(engineTypeOf(type));
}

/** @throws MillraceError `DELTA_CORRUPT` when the text is no schema */
export function parseDeltaSchema(schemaString: string): DeltaStruct {
  try {
    const schema = JSON.parse(schemaString) as DeltaStruct;
    if (schema.type === "struct" && Array.isArray(schema.fields)) return schema;
  } catch (cause) {
    throw new MillraceError("DELTA_CORRUPT", "the schema in the Delta log is not valid JSON", { cause });
  }
  throw new MillraceError("DELTA_CORRUPT", "the schema in the Delta log is not a struct");
}

/** The schema with each field changed, those in structs, lists and maps as well; a field's own fields are changed before it. */
export function mapFields(schema: DeltaStruct, change: (field: DeltaField) => DeltaField): DeltaStruct {
  const inside = (type: DeltaType): DeltaType => {
    if (typeof type === "string") return type;
    switch (type.type) {
      case "struct":
        return mapFields(type, change);
      case "array":
        return { ...type, elementType: inside(type.elementType) };
      case "map":
        return { ...type, keyType: inside(type.keyType), valueType: inside(type.valueType) };
    }
  };
  return { ...schema, fields: schema.fields.map((field) => change({ ...field, type: inside(field.type) })) };
}

/** Every field of a schema, those in structs, lists and maps as well. */
export function allFields(schema: DeltaStruct): readonly DeltaField[] {
  const found: DeltaField[] = [];
  mapFields(schema, (field) => {
    found.push(field);
    return field;
  });
  return found;
}

/** Tells whether two types are the same, whatever they say about nulls. */
export function isSameType(a: DeltaType, b: DeltaType): boolean {
  return toEngineType(a).toLowerCase() === toEngineType(b).toLowerCase();
}

const primitiveToEngine: ReadonlyMap<string, string> = new Map([
  ["boolean", "BOOLEAN"],
  ["byte", "TINYINT"],
  ["short", "SMALLINT"],
  ["integer", "INTEGER"],
  ["long", "BIGINT"],
  ["float", "FLOAT"],
  ["double", "DOUBLE"],
  ["string", "VARCHAR"],
  ["binary", "BLOB"],
  ["date", "DATE"],
  ["timestamp", "TIMESTAMP WITH TIME ZONE"],
  ["timestamp_ntz", "TIMESTAMP"],
]);

const engineToPrimitive: ReadonlyMap<string, string> = new Map([
  ...Array.from(primitiveToEngine, ([primitive, engine]) => [engine, primitive] as const),
  ["UTINYINT", "short"],
  ["USMALLINT", "integer"],
  ["UINTEGER", "long"],
  ["UBIGINT", "decimal(20,0)"],
  ["HUGEINT", "decimal(38,0)"],
  ["UHUGEINT", "decimal(38,0)"],
  ["TIMESTAMP_S", "timestamp"],
  ["TIMESTAMP_MS", "timestamp"],
  ["TIMESTAMP_NS", "timestamp"],
]);

function engineTypeOf(type: DeltaType): EngineType {
  if (typeof type === "string") {
    // no file has such a column, since it has never had a value; the engine calls a lone NULL so, too
    if (type === "void") return parseEngineType("INTEGER");
    const engineType = type.startsWith("decimal(") ? type : primitiveToEngine.get(type);
    if (engineType !== undefined) return parseEngineType(engineType);
    throw new MillraceError("DELTA_UNSUPPORTED", `columns of this Delta type cannot be read, got: \`${type}\``, {
      hint: "store the column as another type",
    });
  }
  switch (type.type) {
    case "array":
      return { kind: "list", element: engineTypeOf(type.elementType) };
    case "map":
      return { kind: "map", key: engineTypeOf(type.keyType), value: engineTypeOf(type.valueType) };
    case "struct":
      return { kind: "struct", fields: type.fields.map(({ name, type: of }) => ({ name, type: engineTypeOf(of) })) };
  }
}

function deltaTypeOf(type: EngineType, zoneless: ZonelessType): DeltaType {
  switch (type.kind) {
    case "list":
      return { type: "array", elementType: deltaTypeOf(type.element, zoneless), containsNull: true };
    case "map":
      return {
        type: "map",
        keyType: deltaTypeOf(type.key, zoneless),
        valueType: deltaTypeOf(type.value, zoneless),
        valueContainsNull: true,
      };
    case "struct":
      return {
        type: "struct",
        fields: type.fields.map((field, index) => ({
          name: field.name ?? `element${index + 1}`,
          type: deltaTypeOf(field.type, zoneless),
          nullable: true,
          metadata: {},
        })),
      };
    case "union":
      return "string";
    case "scalar":
      if (type.name === "TIMESTAMP") return zoneless;
      if (type.name === "DECIMAL") return `decimal(${type.arguments.join(",")})`;
      return engineToPrimitive.get(type.name) ?? "string"; // TIME, INTERVAL, ENUM, UUID, JSON, BIT, NULL …
  }
}
