// Columns of Postgres in the engine's types, and how their values get from one to the other as texts with every digit.
import { type Column, quoteIdentifier } from "../../compute/engine.ts";
import type { SpoolColumn } from "../files/text-spool.ts";
import type { PostgresField } from "../../connections/postgres/postgres-session.ts";

/** A column that is read. */
export interface PostgresColumn extends SpoolColumn {
  /** SQL of Postgres: the text of the value. */
  toText(column: string): string;
}

/** A column in the type that holds each of its values; what the engine has no type for is text. */
export function toEngineColumn({ name, typeId, modifier }: PostgresField): PostgresColumn {
  const element = elementOf[typeId];
  const type = typeOf(element ?? typeId, modifier);
  if (element === undefined) return { name, type, ...readingOf(type) };
  return {
    name,
    type: `${type}[]`,
    // each element as the server's text, so that no number is read as one of JSON
    toText: (column) => `array_to_json(${column}::text[])::text`,
    fromText: (text) => `CAST(from_json(${text}, '["VARCHAR"]') AS ${type}[])`,
  };
}

/** SQL of a value whose text in `COPY` is the text that the column is read as: the value itself, for all but a few types. */
export function toCopied({ name, typeId }: PostgresField): string {
  const column = quoteIdentifier(name);
  return typeId in engineTypes || ownTexts.has(typeId) ? column : `${column}::text`;
}

/** `text`, `varchar`, `numeric`; those of fixed length, `char(n)`, end in spaces that are not in their text. */
const ownTexts: ReadonlySet<number> = new Set([25, 1043, 1700]);

/** The type of Postgres that holds a column of the engine, which must be one that `holdInPostgres` gives. */
export function toPostgresType(type: string): string {
  if (type.endsWith("[]")) return `${toPostgresType(type.slice(0, -2))}[]`;
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type);
  return decimal === null ? (postgresTypes[type] ?? "text") : `numeric(${decimal[1]},${decimal[2]})`;
}

/** Engine types that Postgres has as well. */
export function isPostgresType(type: string): boolean {
  return type in postgresTypes || type.startsWith("DECIMAL(");
}

const postgresTypes: Readonly<Record<string, string>> = {
  BOOLEAN: "boolean",
  SMALLINT: "smallint",
  INTEGER: "integer",
  BIGINT: "bigint",
  FLOAT: "real",
  DOUBLE: "double precision",
  VARCHAR: "text",
  BLOB: "bytea",
  DATE: "date",
  TIME: "time",
  TIMESTAMP: "timestamp",
  "TIMESTAMP WITH TIME ZONE": "timestamptz",
  UUID: "uuid",
  JSON: "json",
};

/** Number of a type → the engine's type. @see https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
const engineTypes: Readonly<Record<number, string>> = {
  16: "BOOLEAN",
  17: "BLOB",
  20: "BIGINT",
  21: "SMALLINT",
  23: "INTEGER",
  26: "BIGINT",
  114: "JSON",
  700: "FLOAT",
  701: "DOUBLE",
  1082: "DATE",
  1083: "TIME",
  1114: "TIMESTAMP",
  1184: "TIMESTAMP WITH TIME ZONE",
  2950: "UUID",
  3802: "JSON",
};

/** Number of the type of an array → that of its elements. */
const elementOf: Readonly<Record<number, number>> = {
  1000: 16,
  1005: 21,
  1007: 23,
  1009: 25,
  1014: 1042,
  1015: 1043,
  1016: 20,
  1021: 700,
  1022: 701,
  1115: 1114,
  1182: 1082,
  1183: 1083,
  1185: 1184,
  1231: 1700,
  2951: 2950,
};

const numeric = 1700;

function typeOf(typeId: number, modifier: number): string {
  if (typeId !== numeric) return engineTypes[typeId] ?? "VARCHAR";
  const [precision, scale] = [((modifier - 4) >> 16) & 0xffff, (modifier - 4) & 0x7ff];
  // a scale may be negative, or larger than the precision, and without a modifier any number may come
  const isHeld = modifier >= 4 && precision <= 38 && scale <= precision;
  return isHeld ? `DECIMAL(${precision},${scale})` : "VARCHAR";
}

function readingOf(type: string): Pick<PostgresColumn, "toText" | "fromText"> {
  if (type === "BLOB") {
    return { toText: (column) => `encode(${column}, 'hex')`, fromText: (text) => `from_hex(${text})` };
  }
  const toText = (column: string): string => `${column}::text`;
  if (type === "VARCHAR") return { toText, fromText: (text) => text };
  // years before the first are written behind the day by one and in brackets by the other
  if (type === "DATE") return { toText, fromText: (text) => `CAST(replace(${text}, ' BC', ' (BC)') AS DATE)` };
  return { toText, fromText: (text) => `CAST(${text} AS ${type})` };
}

/** `"a", "b"` */
export function listNames(columns: readonly Column[]): string {
  return columns.map(({ name }) => quoteIdentifier(name)).join(", ");
}
