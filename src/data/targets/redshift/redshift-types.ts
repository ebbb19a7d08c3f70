// Engine types in Redshift: what it has no type for is text, or SUPER where it has parts. A few types cannot be loaded from Parquet, or
// not for sure as they were; such values are staged as something plainer and converted by the statement that publishes them.
import { parseEngineType, untyped } from "../../../compute/engine-type.ts";
import { type Column, quoteIdentifier } from "../../../compute/engine.ts";
import { foldTableName } from "../../../core/dataset/dataset-location.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { SpoolColumn } from "../../files/text-spool.ts";
import { heldAs, type HeldColumn } from "../../schema-contract.ts";
import { widerTypes } from "../staged-types.ts";
import { maxTextBytes } from "./options.ts";
import { maxNameBytes } from "./redshift-text.ts";

/** A column of a table that is there. */
export interface RedshiftColumn extends SpoolColumn {
  /** Bytes that a text may have; absent for other types. */
  readonly textBytes?: number;
  /** SQL of Redshift: the text of the value. */
  toText(column: string): string;
}

/** How values of a type get into a table. */
export interface LoadedType {
  /** Type of the column that they are loaded into. */
  readonly declared: string;
  /** SQL of the engine: what is written to the file. */
  toFile(column: string): string;
  /** SQL of Redshift: the value of what was loaded. */
  fromLoaded(column: string): string;
}

/** @throws MillraceError `TARGET_UNSUPPORTED` for a name that Redshift would cut */
export function holdInRedshift({ name, type }: Column): HeldColumn {
  if (Buffer.byteLength(name) > maxNameBytes) {
    const message = `Redshift cuts names of more than ${maxNameBytes} bytes, got: column \`${name}\``;
    throw new MillraceError("TARGET_UNSUPPORTED", message, { hint: "give the column a shorter name in the query" });
  }
  const isScalar = parseEngineType(type).kind === "scalar";
  const held = isScalar
    ? heldAs({ name, type }, heldScalar(type))
    : { type: "JSON", expression: `to_json(${quoteIdentifier(name)})` };
  return { ...held, name: foldTableName(name) };
}

/** The type of a new column of a type that `holdInRedshift` gives. */
export function declareType(type: string, textBytes: number): string {
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type);
  if (decimal !== null) return `DECIMAL(${decimal[1]},${decimal[2]})`;
  return redshiftTypes[type] ?? `VARCHAR(${textBytes})`;
}

/** How values of such a type are loaded. */
export function toLoadedType(type: string): LoadedType {
  return indirect[type] ?? { declared: declareType(type, maxTextBytes), toFile: asIs, fromLoaded: asIs };
}

/** @param declared the type as the catalog prints it */
export function toEngineColumn(name: string, declared: string): RedshiftColumn {
  const [, kind = declared, size] = /^(.*?)\((\d+)\)$/.exec(declared) ?? [];
  const decimal = /^numeric\((\d+),(\d+)\)$/.exec(declared);
  const type = decimal === null ? (engineTypes[kind] ?? "VARCHAR") : `DECIMAL(${decimal[1]},${decimal[2]})`;
  const isText = /^(?:character varying|character)$/.test(kind) && size !== undefined;
  return { name, type, ...(isText ? { textBytes: Number(size) } : {}), ...readingOf(type) };
}

const asIs = (column: string): string => column;

const redshiftTypes: Readonly<Record<string, string>> = {
  BOOLEAN: "BOOLEAN",
  SMALLINT: "SMALLINT",
  INTEGER: "INTEGER",
  BIGINT: "BIGINT",
  FLOAT: "REAL",
  DOUBLE: "DOUBLE PRECISION",
  // the most that it ever had, where less would refuse what fits by now
  BLOB: "VARBYTE(1024000)",
  DATE: "DATE",
  TIME: "TIME",
  TIMESTAMP: "TIMESTAMP",
  "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ",
  JSON: "SUPER",
};

/** Parquet has no TIME for COPY, an instant may be taken for a timestamp, and a text for a SUPER that is a text. */
const indirect: Readonly<Record<string, LoadedType>> = {
  TIME: {
    declared: "VARCHAR(32)",
    toFile: (column) => `CAST(${column} AS VARCHAR)`,
    fromLoaded: (column) => `CAST(${column} AS TIME)`,
  },
  "TIMESTAMP WITH TIME ZONE": {
    declared: "TIMESTAMP",
    toFile: (column) => `timezone('UTC', ${column})`,
    // the session is in UTC
    fromLoaded: (column) => `CAST(${column} AS TIMESTAMPTZ)`,
  },
  JSON: {
    declared: `VARCHAR(${maxTextBytes})`,
    toFile: (column) => `CAST(${column} AS VARCHAR)`,
    fromLoaded: (column) => `JSON_PARSE(${column})`,
  },
};

function heldScalar(type: string): string {
  if (type === untyped || type in redshiftTypes) return type;
  // a scale has at most 37 digits
  if (type.startsWith("DECIMAL(")) return /,\s*38\)/.test(type) ? "VARCHAR" : type;
  return widerTypes[type] ?? "VARCHAR";
}

const engineTypes: Readonly<Record<string, string>> = {
  boolean: "BOOLEAN",
  smallint: "SMALLINT",
  integer: "INTEGER",
  bigint: "BIGINT",
  real: "FLOAT",
  "double precision": "DOUBLE",
  date: "DATE",
  "time without time zone": "TIME",
  "timestamp without time zone": "TIMESTAMP",
  "timestamp with time zone": "TIMESTAMP WITH TIME ZONE",
  "binary varying": "BLOB",
  varbyte: "BLOB",
  super: "JSON",
};

function readingOf(type: string): Pick<RedshiftColumn, "toText" | "fromText"> {
  if (type === "VARCHAR") return { toText: asIs, fromText: asIs };
  const fromText = (text: string): string => (type === "BLOB" ? `from_hex(${text})` : `CAST(${text} AS ${type})`);
  if (type === "BLOB") return { toText: (column) => `TO_HEX(${column})`, fromText };
  return { toText: type === "JSON" ? (column) => `JSON_SERIALIZE(${column})` : asIs, fromText };
}
