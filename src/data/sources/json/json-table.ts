// The table that rows go to decides where a delivery leaves it open: what was text yesterday is text today, also on a day of numbers.
import { type EngineType, parseEngineType, printEngineType } from "../../../compute/engine-type.ts";
import type { Column } from "../../../compute/engine.ts";
import { isJsonText, type JsonShape } from "./json-shape.ts";
import { isNumeric } from "./json-types.ts";

/** Notes what the table's columns want, at every place that the documents have in common with them. */
export function wantTableTypes(
  columns: readonly { readonly name: string; readonly shape: JsonShape }[],
  table: readonly Column[],
): void {
  const types = new Map(table.map(({ name, type }) => [name.toLowerCase(), type] as const));
  for (const { name, shape } of columns) {
    const type = types.get(name.toLowerCase());
    if (type !== undefined) want(shape, parseEngineType(type));
  }
}

function want(shape: JsonShape, type: EngineType): void {
  if (isJsonText(shape)) return;
  if (type.kind === "list" && shape.element !== undefined) want(shape.element, type.element);
  if (type.kind === "struct") {
    for (const [key, field] of shape.fields ?? []) {
      const match = type.fields.find(({ name }) => name?.toLowerCase() === key.toLowerCase());
      if (match !== undefined) want(field, match.type);
    }
  }
  if (type.kind !== "scalar" || shape.scalars.size === 0) return;
  if (type.name === "VARCHAR") shape.type = "VARCHAR";
  // whether the values fit is looked at with the values
  else if (isNumeric(shape.scalars) && /^(DOUBLE|DECIMAL)$/.test(type.name)) shape.wanted = printEngineType(type);
}
