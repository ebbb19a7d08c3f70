// Types of columns between this machine's engine and Spark. What one of them lacks is refused with the name of the column.
// @see https://spark.apache.org/docs/latest/sql-ref-datatypes.html
import { MillraceError } from "../../../core/errors/errors.ts";
import { type EngineField, type EngineType, parseEngineType } from "../../engine-type.ts";
import { type Column, quoteIdentifier } from "../../engine.ts";
import type { StoredColumn } from "../../cluster.ts";
import type { MessageFields } from "../connect/message-fields.ts";

/** By the name that means it whatever `TIMESTAMP` is set to, which has no zone for portable queries. */
const instantType = "TIMESTAMP_LTZ";

/** A column as Spark's SQL has it. */
export interface SparkColumn {
  readonly quoted: string;
  /** In the files. */
  readonly type: string;
  /** In queries. */
  readonly queried: string;
}

/** @throws MillraceError `SCHEMA_MISMATCH` for a type that Spark lacks */
export function toSparkColumns(table: string, columns: readonly StoredColumn[]): SparkColumn[] {
  return columns.map((column) => {
    const queried = sparkTypeOf(parseEngineType(column.type));
    if (queried === undefined) throw unknownType(table, column);
    const type = column.isStoredAsInstant === true ? instantType : queried;
    return { quoted: quoteSparkName(column.name), type, queried };
  });
}

/** A name for Spark's SQL, whatever its settings. */
export function quoteSparkName(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** Columns of the rows of a plan. @param schema what Spark answered @throws MillraceError `SQL_INVALID` for a type that no file has */
export function toEngineColumns(schema: MessageFields | undefined): Column[] {
  return (schema?.message(structField)?.messages(1) ?? []).map((field) => {
    const name = field.text(1) ?? "";
    const type = engineTypeOf(field.message(2));
    if (type !== undefined) return { name, type };
    throw new MillraceError("SQL_INVALID", `column \`${name}\` has a type of Spark that Parquet files do not have`, {
      hint: "cast it, for example to STRING",
    });
  });
}

const sparkNames: ReadonlyMap<string, string> = new Map([
  ["BOOLEAN", "BOOLEAN"],
  ["TINYINT", "TINYINT"],
  ["SMALLINT", "SMALLINT"],
  ["INTEGER", "INT"],
  ["BIGINT", "BIGINT"],
  ["UTINYINT", "SMALLINT"],
  ["USMALLINT", "INT"],
  ["UINTEGER", "BIGINT"],
  ["UBIGINT", "DECIMAL(20,0)"],
  ["FLOAT", "FLOAT"],
  ["DOUBLE", "DOUBLE"],
  ["VARCHAR", "STRING"],
  ["BLOB", "BINARY"],
  ["DATE", "DATE"],
  ["TIMESTAMP", "TIMESTAMP_NTZ"],
  ["TIMESTAMP WITH TIME ZONE", instantType],
]);

function sparkTypeOf(type: EngineType): string | undefined {
  switch (type.kind) {
    case "scalar":
      return type.name === "DECIMAL" ? `DECIMAL(${type.arguments.join(",")})` : sparkNames.get(type.name);
    case "list":
      return wrap(sparkTypeOf(type.element), (element) => `ARRAY<${element}>`);
    case "map":
      return wrap(sparkTypeOf(type.key), (key) => wrap(sparkTypeOf(type.value), (value) => `MAP<${key}, ${value}>`));
    case "struct": {
      const fields = type.fields.map(sparkFieldOf);
      return fields.includes(undefined) ? undefined : `STRUCT<${fields.join(", ")}>`;
    }
    case "union":
      return undefined;
  }
}

function sparkFieldOf({ name, type }: EngineField): string | undefined {
  if (name === undefined) return undefined;
  return wrap(sparkTypeOf(type), (known) => `${quoteSparkName(name)}: ${known}`);
}

function wrap(inner: string | undefined, make: (inner: string) => string | undefined): string | undefined {
  return inner === undefined ? undefined : make(inner);
}

/** Numbers of the fields of `DataType` in Spark Connect's protocol. */
const engineNames: ReadonlyMap<number, string> = new Map([
  [1, "INTEGER"],
  [2, "BLOB"],
  [3, "BOOLEAN"],
  [4, "TINYINT"],
  [5, "SMALLINT"],
  [6, "INTEGER"],
  [7, "BIGINT"],
  [8, "FLOAT"],
  [9, "DOUBLE"],
  [11, "VARCHAR"],
  [12, "VARCHAR"],
  [13, "VARCHAR"],
  [14, "DATE"],
  [15, "TIMESTAMP WITH TIME ZONE"],
  [16, "TIMESTAMP"],
]);
const decimalField = 10;
const arrayField = 20;
const structField = 21;
const mapField = 22;

function engineTypeOf(type: MessageFields | undefined): string | undefined {
  if (type === undefined) return undefined;
  for (const [field, name] of engineNames) if (type.has(field)) return name;
  const decimal = type.message(decimalField);
  if (decimal !== undefined) return `DECIMAL(${decimal.whole(2) ?? 10},${decimal.whole(1) ?? 0})`;
  const array = type.message(arrayField);
  if (array !== undefined) return wrap(engineTypeOf(array.message(1)), (element) => `${element}[]`);
  const map = type.message(mapField);
  if (map !== undefined) {
    return wrap(engineTypeOf(map.message(1)), (key) =>
      wrap(engineTypeOf(map.message(2)), (value) => `MAP(${key}, ${value})`),
    );
  }
  const fields = type
    .message(structField)
    ?.messages(1)
    .map((field) => {
      return wrap(engineTypeOf(field.message(2)), (inner) => `${quoteIdentifier(field.text(1) ?? "")} ${inner}`);
    });
  return fields === undefined || fields.includes(undefined) ? undefined : `STRUCT(${fields.join(", ")})`;
}

function unknownType(table: string, { name, type }: Column): MillraceError {
  return new MillraceError(
    "SCHEMA_MISMATCH",
    `expected columns of \`${table}\` to have types that Spark has, got: \`${name} ${type}\``,
    { hint: "cast it in the job that publishes the dataset, for example to DECIMAL(38,0) or VARCHAR" },
  );
}
