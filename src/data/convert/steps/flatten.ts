// Fields of objects become columns.
import { z } from "zod";
import { parseEngineType, printEngineType } from "../../../compute/engine-type.ts";
import { quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { expecting } from "../../../core/spec/option-notes.ts";
import { integer, texts } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { PlannedColumn, StepKind } from "../convert-step.ts";
import { findColumn, isSameName, kept } from "../find-column.ts";

export interface FlattenStep {
  /** Columns that are objects; `all` for each one that is. */
  readonly flatten: readonly string[] | "all";
  /** Between the names of column and field. Default `_`; with an empty text the field's name alone is taken. */
  readonly separator?: string;
  /** How many levels of objects. Default 1. */
  readonly depth?: number;
}

export const flatten: StepKind<FlattenStep> = {
  name: "flatten",
  summary: "makes columns of the fields of objects",
  options: defineSpec<FlattenStep>()(() => ({
    flatten: expecting("a list of columns, or `all`", z.union([texts("columns"), z.literal("all")])).describe(
      "columns that are objects, or `all` of those",
    ),
    separator: z
      .string()
      .default("_")
      .describe("between the names of column and field; an empty text takes the name of the field alone"),
    depth: integer(1, 20).default(1).describe("levels of objects that are taken apart"),
  })),
  keepsRows: true,
  plan({ flatten: names, separator = "_", depth = 1 }, input) {
    const chosen = names === "all" ? undefined : names.map((name) => findColumn(name, input));
    for (const { name, type } of chosen ?? []) {
      if (parseEngineType(type).kind === "struct") continue;
      throw new MillraceError(
        "SCHEMA_MISMATCH",
        `${input.where}: expected \`${name}\` to be an object, got: \`${type}\``,
      );
    }
    return {
      columns: input.columns.flatMap((column) => {
        const isChosen = chosen?.some(({ name }) => isSameName(name, column.name)) ?? true;
        return isChosen ? takeApart(kept(column), column.type, separator, depth) : [kept(column)];
      }),
    };
  },
};

function takeApart(column: PlannedColumn, type: string, separator: string, depth: number): PlannedColumn[] {
  const parsed = parseEngineType(type);
  if (parsed.kind !== "struct" || depth === 0) return [column];
  return parsed.fields.flatMap((field) => {
    const { name = "" } = field;
    const inner: PlannedColumn = {
      name: separator === "" ? name : `${column.name}${separator}${name}`,
      sql: `struct_extract(${column.sql}, ${quoteLiteral(name)})`,
      from: column.from,
    };
    return takeApart(inner, printEngineType(field.type), separator, depth - 1);
  });
}
