// A row for each item of a list.
import { parseEngineType } from "../../../compute/engine-type.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { optional } from "../../../core/spec/option-notes.ts";
import { choice, text } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { PlannedColumn, StepKind } from "../convert-step.ts";
import { findPath, kept } from "../find-column.ts";
import { refuseSql } from "../step-error.ts";

export interface ExplodeStep {
  /** Column or path of the list. */
  readonly explode: string;
  /** Name of the column for an item. Default: that of the list, whose place it takes. */
  readonly as?: string;
  /** Name of a column for the item's place in its list, from 1. */
  readonly ordinal?: string;
  /** What becomes of a row whose list is empty or NULL. Default `keep`: one row, with NULL. */
  readonly empty?: "keep" | "drop" | "fail";
}

export const explode: StepKind<ExplodeStep> = {
  name: "explode",
  summary: "makes a row of each item of a list",
  options: defineSpec<ExplodeStep>()(() => ({
    explode: text("a column or path").describe("column or path of the list"),
    as: optional(text("a name"), "the name of the list").describe(
      "column for the item; with a column's own name it takes its place",
    ),
    ordinal: optional(text("a name")).describe("column for the place of the item in its list, from 1"),
    empty: choice(["keep", "drop", "fail"])
      .default("keep")
      .describe("a row whose list is empty or NULL: `keep` it with NULL, `drop` it, or `fail`"),
  })),
  keepsRows: true,
  plan({ explode: path, as, ordinal, empty = "keep" }, input) {
    const list = findPath(path, input);
    if (parseEngineType(list.type).kind !== "list") {
      const message = `${input.where}: expected \`${path}\` to be a list, got: \`${list.type}\``;
      throw new MillraceError("SCHEMA_MISMATCH", message);
    }
    const isEmpty = `coalesce(len(${list.sql}), 0) = 0`;
    const whenEmpty =
      empty === "fail" ? refuseSql(input.where, `list \`${path}\` is empty or NULL in a row`) : "[NULL]";
    const items = empty === "drop" ? list.sql : `CASE WHEN ${isEmpty} THEN ${whenEmpty} ELSE ${list.sql} END`;
    const item: PlannedColumn = { name: as ?? list.name, sql: `unnest(${items})`, from: [list.column] };
    const places = `CASE WHEN ${isEmpty} THEN [NULL] ELSE range(1, len(${list.sql}) + 1) END`;
    // the list itself goes, unless it is a field of an object
    const rest = input.columns.filter(({ name }) => name !== list.column || list.column !== path);
    const columns = input.columns.flatMap((column) => {
      if (!rest.includes(column)) return [item];
      return [kept(column)];
    });
    if (!columns.includes(item)) columns.push(item);
    if (ordinal !== undefined) columns.push({ name: ordinal, sql: `unnest(${places})`, from: [list.column] });
    return { columns, ...(empty === "drop" ? { tail: `WHERE NOT (${isEmpty})` } : {}) };
  },
};
