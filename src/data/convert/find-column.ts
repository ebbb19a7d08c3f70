// Columns as steps name them: by name, or by a path into an object, `address.city`.
import { type EngineType, parseEngineType, printEngineType } from "../../compute/engine-type.ts";
import { type Column, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import type { PlannedColumn, StepInput } from "./convert-step.ts";
import { refuseColumn } from "./step-error.ts";

/** A column, or a field of one. */
export interface FoundColumn {
  /** The last name of the path, as it is written there. */
  readonly name: string;
  /** The column at the top. */
  readonly column: string;
  readonly sql: string;
  /** As the engine prints it. */
  readonly type: string;
}

type Place = Pick<StepInput, "where" | "columns">;

/**
 * A column with this name, or else the field at this path. Names are the same in upper and lower case.
 * @throws MillraceError `SCHEMA_MISMATCH` naming the step, with the nearest name
 */
export function findPath(path: string, { where, columns }: Place): FoundColumn {
  const whole = findByName(columns, path);
  if (whole !== undefined) return toFound(whole);
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const column = findByName(columns, path.slice(0, dot));
    const found = column === undefined ? undefined : findField(toFound(column), path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return refuseColumn(where, path, columns);
}

/** A column at the top. @throws MillraceError `SCHEMA_MISMATCH` */
export function findColumn(name: string, { where, columns }: Place): Column {
  return findByName(columns, name) ?? refuseColumn(where, name, columns);
}

/** Columns at the top, in the order of the names. @throws MillraceError `SCHEMA_MISMATCH` */
export function findColumns(names: readonly string[], place: Place): Column[] {
  return names.map((name) => findColumn(name, place));
}

export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** A column that stays as it is. */
export function kept({ name }: Column): PlannedColumn {
  return { name, sql: quoteIdentifier(name), from: [name], isSame: true };
}

/** All columns, some of which have another value; new ones come last. */
export function replaceColumns(columns: readonly Column[], changed: readonly PlannedColumn[]): PlannedColumn[] {
  const own = new Map(changed.map((column) => [column.name.toLowerCase(), column]));
  const added = changed.filter(({ name }) => findByName(columns, name) === undefined);
  return [...columns.map((column) => own.get(column.name.toLowerCase()) ?? kept(column)), ...added];
}

function findByName(columns: readonly Column[], name: string): Column | undefined {
  return columns.find((column) => column.name === name) ?? columns.find((column) => isSameName(column.name, name));
}

function toFound({ name, type }: Column): FoundColumn {
  return { name, column: name, sql: quoteIdentifier(name), type };
}

function findField(found: FoundColumn, path: string): FoundColumn | undefined {
  const type: EngineType = parseEngineType(found.type);
  if (type.kind !== "struct") return undefined;
  for (const field of type.fields) {
    if (field.name === undefined) continue;
    const isWhole = isSameName(field.name, path);
    if (!isWhole && !path.toLowerCase().startsWith(`${field.name.toLowerCase()}.`)) continue;
    const sql = `struct_extract(${found.sql}, ${quoteLiteral(field.name)})`;
    const inner: FoundColumn = { name: field.name, column: found.column, sql, type: printEngineType(field.type) };
    if (isWhole) return inner;
    const deeper = findField(inner, path.slice(field.name.length + 1));
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}
