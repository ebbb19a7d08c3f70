// Anything that one `select` can say.
import { text } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { StepKind } from "../convert-step.ts";

export interface SqlStep {
  /** One `select` over the rows before, which it reads under the name `source`. */
  readonly sql: string;
}

export const sql: StepKind<SqlStep> = {
  name: "sql",
  summary: "says in SQL what becomes of the rows",
  options: defineSpec<SqlStep>()(() => ({
    sql: text("a `select`").describe("one `select` over the rows before, which it reads under the name `source`"),
  })),
  isOpaque: true,
  selects: ({ sql: select }) => [select],
  plan: ({ sql: select }) => ({ select }),
};
