// Puts columns into an object.
import { quoteIdentifier } from "../../../compute/engine.ts";
import { optional } from "../../../core/spec/option-notes.ts";
import { text, texts } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { StepKind } from "../convert-step.ts";
import { packFields } from "../pack-fields.ts";
import { findColumns, isSameName, kept } from "../find-column.ts";

export interface WrapStep {
  /** Name of the column that the object is in. */
  readonly wrap: string;
  /** Columns that become its fields. Default: all. */
  readonly fields?: readonly string[];
}

export const wrap: StepKind<WrapStep> = {
  name: "wrap",
  summary: "puts columns into an object",
  options: defineSpec<WrapStep>()(() => ({
    wrap: text("a name").describe("name of the column with the object"),
    fields: optional(texts("columns"), "all columns").describe("columns that become its fields; the others stay"),
  })),
  keepsRows: true,
  carries: ({ wrap: name, fields }, column) => [
    fields === undefined || fields.some((field) => isSameName(field, column)) ? name : column,
  ],
  plan({ wrap: name, fields }, input) {
    const wrapped = fields === undefined ? input.columns : findColumns(fields, input);
    const rest = input.columns.filter((column) => !wrapped.includes(column));
    const from = wrapped.map((column) => column.name);
    return {
      columns: [
        ...rest.map(kept),
        { name, sql: packFields(from.map((field) => [field, quoteIdentifier(field)])), from },
      ],
    };
  },
};
