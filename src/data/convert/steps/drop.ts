// Leaves columns out.
import { texts } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { StepKind } from "../convert-step.ts";
import { findColumns, isSameName, kept } from "../find-column.ts";

export interface DropStep {
  readonly drop: readonly string[];
}

export const drop: StepKind<DropStep> = {
  name: "drop",
  summary: "leaves columns out",
  options: defineSpec<DropStep>()(() => ({
    drop: texts("columns").describe("columns that are left out"),
  })),
  keepsRows: true,
  carries: ({ drop: names }, column) => (names.some((name) => isSameName(name, column)) ? [] : [column]),
  plan({ drop: names }, input) {
    const gone = new Set(findColumns(names, input).map(({ name }) => name));
    return { columns: input.columns.filter(({ name }) => !gone.has(name)).map(kept) };
  },
};
