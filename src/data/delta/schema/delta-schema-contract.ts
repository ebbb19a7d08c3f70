// Joins the columns of new rows to a table's schema: new columns are added or refused, types never change,
// and a column that the rows lack stays in the table with nulls.
import { untyped } from "../../../compute/engine-type.ts";
import { isWidening } from "../../../compute/widen-type.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { SchemaContract } from "../../../core/dataset/dataset.ts";
import {
  type DeltaField,
  type DeltaStruct,
  type DeltaType,
  isSameType,
  toDeltaSchema,
  toEngineType,
} from "./delta-schema.ts";
import type { StagedColumn } from "../../staged-rows.ts";

/**
 * The schema the table has after rows with `columns` are written; the table's own object when nothing changes.
 * @throws MillraceError `SCHEMA_MISMATCH` naming the column, what the table has and what the rows want
 */
export function applySchemaContract(
  table: DeltaStruct,
  columns: readonly StagedColumn[],
  contract: SchemaContract,
): DeltaStruct {
  if (contract === "replace") {
    const replaced = toDeltaSchema(columns);
    return isSameSchema(table, replaced) ? table : replaced;
  }
  const incoming = toDeltaSchema(columns).fields;
  const added: DeltaField[] = [];
  for (const [index, field] of incoming.entries()) {
    const have = findField(table, field.name);
    if (have === undefined) {
      if (contract === "freeze") throw frozen(`a new column \`${field.name}\``);
      added.push(field);
      continue;
    }
    if (columns[index]?.type === untyped) continue;
    if (isSameType(have.type, field.type)) continue;
    if (contract === "freeze") throw mismatch(have, field);
    if (!isSafelyCast(field.type, have.type)) throw mismatch(have, field);
  }
  if (contract === "freeze") {
    const names = new Set(incoming.map((field) => field.name.toLowerCase()));
    const missing = table.fields.find((field) => !names.has(field.name.toLowerCase()));
    if (missing !== undefined) throw frozen(`no column \`${missing.name}\``);
  }
  return added.length === 0 ? table : { type: "struct", fields: [...table.fields, ...added] };
}

/** Names with their case, and whether null is allowed, belong to a schema as types do. */
function isSameSchema(table: DeltaStruct, other: DeltaStruct): boolean {
  if (table.fields.length !== other.fields.length) return false;
  return table.fields.every(({ name, type, nullable }, index) => {
    const field = other.fields[index];
    return field !== undefined && name === field.name && nullable === field.nullable && isSameType(type, field.type);
  });
}

/** The column of that name; Delta does not tell upper from lower case. */
export function findField(schema: DeltaStruct, name: string): DeltaField | undefined {
  const wanted = name.toLowerCase();
  return schema.fields.find((field) => field.name.toLowerCase() === wanted);
}

/** Refuses two columns that differ in case only. */
export function assertDistinctNames(columns: readonly StagedColumn[]): void {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const before = seen.get(name.toLowerCase());
    if (before !== undefined) {
      throw new MillraceError(
        "SCHEMA_MISMATCH",
        `columns \`${before}\` and \`${name}\` are one name in a Delta table`,
        {
          hint: "rename one of them in the query",
        },
      );
    }
    seen.set(name.toLowerCase(), name);
  }
}

/** Tells whether every value of `from` is a value of `to` with nothing lost. */
export function isSafelyCast(from: DeltaType, to: DeltaType): boolean {
  return isWidening(toEngineType(from), toEngineType(to));
}

function mismatch(have: DeltaField, want: DeltaField): MillraceError {
  const [tableType, rowsType] = [toEngineType(have.type), toEngineType(want.type)];
  return new MillraceError(
    "SCHEMA_MISMATCH",
    `column \`${have.name}\` is \`${tableType}\` in the table, got: \`${rowsType}\``,
    {
      hint: `cast it in the query: \`cast(${have.name} as ${tableType})\`, or replace the table with \`millrace run <job> --full-refresh\``,
    },
  );
}

function frozen(difference: string): MillraceError {
  return new MillraceError("SCHEMA_MISMATCH", `the schema of the table is frozen, got: ${difference}`, {
    hint: 'make the query return the columns of the table, or set `schema: "evolve"`',
  });
}
