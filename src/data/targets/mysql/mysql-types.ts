// Engine types in MySQL. What it has no type for is text or JSON; where its own type could stand for several, the comment of the column
// notes which one it is, so that it can be read back.
import { parseEngineType, untyped } from "../../../compute/engine-type.ts";
import { type Column, quoteIdentifier } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { isNotable } from "../../mysql/mysql-column.ts";
import { noteMark } from "../../mysql/mysql-table.ts";
import { quoteName, quoteText } from "../../mysql/mysql-text.ts";
import { heldAs, type HeldColumn } from "../../schema-contract.ts";
import type { ValueLimit } from "../../target.ts";
import { listStagedLimits } from "../staged-types.ts";
import { isMysqlName, maxNameLength } from "./options.ts";

/** @throws MillraceError `TARGET_UNSUPPORTED` for a name that the server would refuse */
export function holdInMysql({ name, type }: Column): HeldColumn {
  if (!isMysqlName(name)) {
    const message = `MySQL has no columns with names of more than ${maxNameLength} characters, got: column \`${name}\``;
    throw new MillraceError("TARGET_UNSUPPORTED", message, { hint: "give the column another name in the query" });
  }
  if (parseEngineType(type).kind === "scalar") return heldAs({ name, type }, heldScalar(type));
  return { name, type: "JSON", expression: `to_json(${quoteIdentifier(name)})` };
}

/** What MySQL cannot hold of staged columns: it has no NaN and nothing infinite, and its years have four digits. */
export function listMysqlLimits(columns: readonly Column[]): ValueLimit[] {
  return [...listStagedLimits(columns), ...columns.flatMap(limitsOf)];
}

/** SQL of the engine: the text of a held value, as the server reads it. */
export function toMysqlText({ name, type }: Column): string {
  const column = quoteIdentifier(name);
  switch (type) {
    case "BLOB":
      return `hex(${column})`;
    case "BOOLEAN":
      return `CAST(CAST(${column} AS TINYINT) AS VARCHAR)`;
    case "FLOAT":
      // the largest ones in few digits are more than the server's largest one
      return `CAST(CAST(${column} AS DOUBLE) AS VARCHAR)`;
    case "TIMESTAMP WITH TIME ZONE":
      return `CAST(${column} AT TIME ZONE 'UTC' AS VARCHAR)`;
    default:
      return `CAST(${column} AS VARCHAR)`;
  }
}

/** SQL of the server: the value of such a text. */
export function fromMysqlText(text: string, type: string): string {
  return type === "BLOB" ? `UNHEX(${text})` : text;
}

/** A column as `CREATE TABLE` has it. */
export function defineColumn({ name, type }: Column): string {
  const note = isNotable(type) ? ` COMMENT ${quoteText(noteMark + type)}` : "";
  return `${quoteName(name)} ${toMysqlType(type)} NULL${note}`;
}

/** An index as `CREATE TABLE` has it; it has the beginnings of long texts. */
export function defineIndex(columns: readonly Column[]): string {
  const parts = columns.map(({ name, type }) => {
    const isLong = toMysqlType(type).startsWith("long");
    return `${quoteName(name)}${isLong ? "(180)" : ""}`;
  });
  return `KEY millrace_key (${parts.join(", ")})`;
}

/** Texts are equal when they have the same bytes. */
export function tableOptions(isMariaDb: boolean): string {
  const collation = isMariaDb ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
  return `CHARACTER SET utf8mb4 COLLATE ${collation}`;
}

function toMysqlType(type: string): string {
  return type.startsWith("DECIMAL(") ? type.toLowerCase() : (mysqlTypes[type] ?? "longtext");
}

const mysqlTypes: Readonly<Record<string, string>> = {
  BOOLEAN: "tinyint(1)",
  TINYINT: "tinyint",
  SMALLINT: "smallint",
  INTEGER: "int",
  BIGINT: "bigint",
  UTINYINT: "tinyint unsigned",
  USMALLINT: "smallint unsigned",
  UINTEGER: "int unsigned",
  UBIGINT: "bigint unsigned",
  FLOAT: "float",
  DOUBLE: "double",
  VARCHAR: "longtext",
  BLOB: "longblob",
  DATE: "date",
  TIME: "time(6)",
  TIMESTAMP: "datetime(6)",
  "TIMESTAMP WITH TIME ZONE": "datetime(6)",
  UUID: "char(36) character set ascii collate ascii_bin",
  JSON: "longtext",
};

const widerTypes: Readonly<Record<string, string>> = {
  HUGEINT: "DECIMAL(38,0)",
  UHUGEINT: "DECIMAL(38,0)",
  TIMESTAMP_S: "TIMESTAMP",
  TIMESTAMP_MS: "TIMESTAMP",
  TIMESTAMP_NS: "TIMESTAMP",
};

function heldScalar(type: string): string {
  if (type === untyped || type in mysqlTypes) return type;
  const scale = /^DECIMAL\(\d+,\s*(\d+)\)$/.exec(type)?.[1];
  if (scale !== undefined) return Number(scale) <= maxScale ? type : "VARCHAR";
  return widerTypes[type] ?? "VARCHAR";
}

/** MariaDB has 38, MySQL has 30. */
const maxScale = 30;

function limitsOf({ name, type }: Column): ValueLimit[] {
  const column = quoteIdentifier(name);
  if (type === "FLOAT" || type === "DOUBLE") {
    const hint = `make it NULL in the query: \`case when isfinite(${name}) then ${name} end\``;
    return [{ column: name, breaks: `NOT isfinite(${column})`, what: "NaN or infinity", hint }];
  }
  const isTime = /^(DATE|TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?)$/.test(type);
  if (!isTime) return [];
  const hint = "replace it in the query";
  const years = {
    column: name,
    breaks: `(NOT isfinite(${column}) OR year(${column}) NOT BETWEEN 1 AND 9999)`,
    what: "an infinite date, or a year outside 1 to 9999",
    hint,
  };
  if (type !== "TIMESTAMP_NS") return [years];
  const rounding = `round it in the query: \`cast(${name} as timestamp)\``;
  const parts = {
    column: name,
    breaks: `epoch_ns(${column}) % 1000 <> 0`,
    what: "parts of a microsecond",
    hint: rounding,
  };
  return [years, parts];
}
