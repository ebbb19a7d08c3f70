// Columns of a Delta table as Unity Catalog wants them: by a name of its own for each type, and by the text and JSON of Spark.
import type { CatalogColumn } from "./table-catalog.ts";

/** What the API calls a column. @param position from 0 on */
export function toUnityColumn(
  { name, type, nullable }: CatalogColumn,
  position: number,
): Readonly<Record<string, unknown>> {
  return {
    name,
    position,
    nullable,
    type_name: typeNameOf(type),
    type_text: typeTextOf(type),
    type_json: JSON.stringify({ name, type, nullable, metadata: {} }),
    ...decimalOf(type),
  };
}

const typeNames: Readonly<Record<string, string>> = {
  integer: "INT",
  byte: "BYTE",
  short: "SHORT",
  long: "LONG",
  timestamp_ntz: "TIMESTAMP_NTZ",
};

const typeTexts: Readonly<Record<string, string>> = {
  integer: "int",
  byte: "tinyint",
  short: "smallint",
  long: "bigint",
};

function typeNameOf(type: unknown): string {
  if (typeof type === "string") return typeNames[type] ?? (type.startsWith("decimal") ? "DECIMAL" : type.toUpperCase());
  return isNested(type) ? type.type.toUpperCase() : "STRING";
}

function typeTextOf(type: unknown): string {
  if (typeof type === "string") return typeTexts[type] ?? type;
  if (!isNested(type)) return "string";
  if (type.type === "array") return `array<${typeTextOf(type.elementType)}>`;
  if (type.type === "map") return `map<${typeTextOf(type.keyType)},${typeTextOf(type.valueType)}>`;
  const fields = (type.fields ?? []).map((field) => `${field.name}:${typeTextOf(field.type)}`);
  return `struct<${fields.join(",")}>`;
}

function decimalOf(type: unknown): Readonly<Record<string, number>> {
  const [, precision, scale] = /^decimal\((\d+),\s*(\d+)\)$/.exec(String(type)) ?? [];
  return precision === undefined ? {} : { type_precision: Number(precision), type_scale: Number(scale) };
}

/** A type in the JSON of Spark that has others in it. */
interface NestedType {
  readonly type: "array" | "map" | "struct";
  readonly elementType?: unknown;
  readonly keyType?: unknown;
  readonly valueType?: unknown;
  readonly fields?: readonly { readonly name: string; readonly type: unknown }[];
}

function isNested(type: unknown): type is NestedType {
  return typeof type === "object" && type !== null && "type" in type;
}
