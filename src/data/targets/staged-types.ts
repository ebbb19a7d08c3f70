// Engine types in the files that rows of every target are staged in: what those lack, staging cannot bring along.
import { type EngineType, mapScalars, parseEngineType, printEngineType } from "../../compute/engine-type.ts";
import { type Column, quoteIdentifier } from "../../compute/engine.ts";
import { heldAs, type HeldColumn } from "../schema-contract.ts";
import type { ValueLimit } from "../target.ts";

/** How a column comes back from a staged file with every digit, also within lists, objects and maps. */
export function holdStaged(column: Column): HeldColumn {
  return heldAs(column, printEngineType(heldType(parseEngineType(column.type))));
}

function heldType(type: EngineType): EngineType {
  return mapScalars(withoutOddities(type), (scalar) => {
    const name = writtenAs[scalar.name];
    return name === undefined ? scalar : parseEngineType(name);
  });
}

/** Lists have no length in a file, unions are none, and fields have names. */
function withoutOddities(type: EngineType): EngineType {
  switch (type.kind) {
    case "list":
      return { kind: "list", element: withoutOddities(type.element) };
    case "map":
      return { kind: "map", key: withoutOddities(type.key), value: withoutOddities(type.value) };
    case "struct":
      return {
        kind: "struct",
        fields: type.fields.map(({ name, type: of }, index) => ({
          name: name ?? `element${index + 1}`,
          type: withoutOddities(of),
        })),
      };
    case "union":
      return parseEngineType("VARCHAR");
    case "scalar":
      return type;
  }
}

/**
 * Types that would come back as others, or changed: a wide number as a DOUBLE, an interval to the millisecond and never a negative
 * one, a time without its offset.
 */
const writtenAs: Readonly<Record<string, string>> = {
  HUGEINT: "DECIMAL(38,0)",
  UHUGEINT: "DECIMAL(38,0)",
  BIGNUM: "VARCHAR",
  BIT: "VARCHAR",
  ENUM: "VARCHAR",
  GEOMETRY: "GEOMETRY('OGC:CRS84')",
  INTERVAL: "VARCHAR",
  JSON: "VARCHAR",
  "TIME WITH TIME ZONE": "VARCHAR",
  TIMESTAMP_S: "TIMESTAMP",
  TIMESTAMP_MS: "TIMESTAMP",
};

/** For databases without small numbers and numbers without a sign: those get the next wider type, times the one with microseconds. */
export const widerTypes: Readonly<Record<string, string>> = {
  TINYINT: "SMALLINT",
  UTINYINT: "SMALLINT",
  USMALLINT: "INTEGER",
  UINTEGER: "BIGINT",
  UBIGINT: "DECIMAL(20,0)",
  HUGEINT: "DECIMAL(38,0)",
  UHUGEINT: "DECIMAL(38,0)",
  TIMESTAMP_S: "TIMESTAMP",
  TIMESTAMP_MS: "TIMESTAMP",
  TIMESTAMP_NS: "TIMESTAMP",
};

/** A decimal of a staged file has 38 digits. */
export function listStagedLimits(columns: readonly Column[]): ValueLimit[] {
  return columns.flatMap(({ name, type }) => {
    if (type !== "HUGEINT" && type !== "UHUGEINT") return [];
    const column = quoteIdentifier(name);
    const breaks = `(${column} IS NOT NULL AND TRY_CAST(${column} AS DECIMAL(38,0)) IS NULL)`;
    const hint = `cast it to text in the query: \`cast(${name} as varchar)\``;
    return [{ column: name, breaks, what: "a whole number of more than 38 digits", hint }];
  });
}
