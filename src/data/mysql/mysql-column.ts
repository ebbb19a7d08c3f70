// Columns of MySQL and MariaDB in the engine's types, and how their values get from one to the other as texts with every digit.
import { MillraceError } from "../../core/errors/errors.ts";
import type { MysqlField } from "../../connections/mysql/mysql-session.ts";
import type { SpoolColumn } from "../files/text-spool.ts";
import { quoteName } from "./mysql-text.ts";

/** A column that is read. */
export interface MysqlColumn extends SpoolColumn {
  /** SQL of MySQL: the text of the value. */
  toText(column: string): string;
}

/**
 * A select of the texts of columns, which have numbers in it: the driver refuses names that are something else in JavaScript.
 * @param names as the columns are called in `from`
 */
export function selectTexts(columns: readonly MysqlColumn[], from: string, names: readonly string[]): string {
  const texts = columns.map((column, index) => `${column.toText(quoteName(names[index] ?? column.name))} AS c${index}`);
  return `SELECT ${texts.join(", ")} FROM ${from}`;
}

export interface MysqlReading {
  /** Whether a date without a day or a month is NULL. Default: it is a value that its type has not. */
  readonly zeroDatesAreNull?: boolean;
  /** The engine's type of a column that somebody has noted, for types that MySQL has no own one for. */
  readonly noted?: string | undefined;
}

/** A column in the type that holds each of its values; what the engine has no type for is text. @throws MillraceError `SOURCE_UNREADABLE` */
export function toMysqlColumn(field: MysqlField, { zeroDatesAreNull = false, noted }: MysqlReading = {}): MysqlColumn {
  const own = typeOf(field);
  const type = noted !== undefined && notable[noted]?.(field) === true ? noted : own;
  const isDate = ["DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"].includes(type);
  return {
    name: field.name,
    type,
    toText: textOf(field, type),
    fromText: (text) => readText(text, type),
    ...(isDate && zeroDatesAreNull ? { standsForNull: isZeroDate } : {}),
    ...(isDate ? { hint: zeroDateHint } : {}),
  };
}

const zeroDateHint = 'if they are dates such as `0000-00-00`, which stand for none, set `zeroDates: "null"`';

function isZeroDate(text: string): string {
  return `regexp_matches(${text}, '^(0000-|[0-9]{4}-00-|[0-9]{4}-[0-9]{2}-00)')`;
}

/** Engine types that a note may give back, with the columns that they are kept in. */
const notable: Readonly<Record<string, (field: MysqlField) => boolean>> = {
  BOOLEAN: ({ typeId }) => typeId === types.tiny,
  TIME: ({ typeId }) => typeId === types.time,
  "TIMESTAMP WITH TIME ZONE": ({ typeId }) => typeId === types.datetime,
  UUID: (field) => isText(field),
  JSON: (field) => isText(field),
};

/** Whether a type comes back by its note alone. */
export function isNotable(type: string): boolean {
  return type in notable;
}

/** @see https://mariadb.com/docs/server/reference/clientserver-protocol/4-server-response-packets/result-set-packets */
const types = {
  decimal: 0,
  tiny: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  null: 6,
  timestamp: 7,
  longLong: 8,
  mediumInt: 9,
  date: 10,
  time: 11,
  datetime: 12,
  year: 13,
  varchar: 15,
  bit: 16,
  vector: 242,
  newDecimal: 246,
  firstBlob: 249,
  lastText: 254,
  geometry: 255,
} as const;

const integers: Readonly<Record<number, readonly [signed: string, unsigned: string]>> = {
  [types.tiny]: ["TINYINT", "UTINYINT"],
  [types.short]: ["SMALLINT", "USMALLINT"],
  [types.mediumInt]: ["INTEGER", "UINTEGER"],
  [types.long]: ["INTEGER", "UINTEGER"],
  [types.longLong]: ["BIGINT", "UBIGINT"],
};

const others: Readonly<Record<number, string>> = {
  [types.float]: "FLOAT",
  [types.double]: "DOUBLE",
  [types.timestamp]: "TIMESTAMP WITH TIME ZONE",
  [types.datetime]: "TIMESTAMP",
  [types.date]: "DATE",
  [types.year]: "SMALLINT",
};

function typeOf(field: MysqlField): string {
  const { typeId, isUnsigned, length, isJson, extended } = field;
  if (typeId === types.geometry || typeId === types.vector) throw unreadable(field);
  const integer = integers[typeId];
  if (integer !== undefined) return integer[isUnsigned ? 1 : 0];
  if (typeId === types.decimal || typeId === types.newDecimal) return decimalOf(field);
  if (typeId === types.bit) return length === 1 ? "BOOLEAN" : "UBIGINT";
  if (isJson) return "JSON";
  if (extended === "uuid") return "UUID";
  if (isBytes(field)) return "BLOB";
  // a time may be longer than a day, or negative, and is text like everything else
  return others[typeId] ?? "VARCHAR";
}

/** A decimal has up to 65 digits; those of more than 38 stay texts. */
function decimalOf({ length, decimals, isUnsigned }: MysqlField): string {
  const precision = length - (decimals > 0 ? 1 : 0) - (isUnsigned ? 0 : 1);
  return precision > 0 && precision <= 38 && decimals <= precision ? `DECIMAL(${precision},${decimals})` : "VARCHAR";
}

function isText({ typeId, isBinary }: MysqlField): boolean {
  return !isBinary && (typeId === types.varchar || (typeId >= types.firstBlob && typeId <= types.lastText));
}

function isBytes(field: MysqlField): boolean {
  return field.isBinary && isText({ ...field, isBinary: false });
}

function textOf({ typeId }: MysqlField, type: string): MysqlColumn["toText"] {
  // as a text, a number of four bytes has six digits; as one of eight bytes it has all
  if (typeId === types.float) return (column) => `(${column} + 0e0)`;
  if (typeId === types.bit) return (column) => `(${column} + 0)`;
  return type === "BLOB" ? (column) => `HEX(${column})` : (column) => column;
}

function readText(text: string, type: string): string {
  switch (type) {
    case "VARCHAR":
      return text;
    case "BLOB":
      return `from_hex(${text})`;
    case "BOOLEAN":
      return `(${text} <> '0')`;
    case "TIMESTAMP WITH TIME ZONE":
      return `CAST(${text} || '+00' AS ${type})`;
    default:
      return `CAST(${text} AS ${type})`;
  }
}

function unreadable({ name, extended, typeId }: MysqlField): MillraceError {
  const type = extended === "" ? (typeId === types.vector ? "vector" : "geometry") : extended;
  return new MillraceError("SOURCE_UNREADABLE", `column \`${name}\` is of the type \`${type}\`, which has no text`, {
    hint: `read it by a \`query\` as \`ST_AsText(${name})\` or the like, or leave it out`,
  });
}
