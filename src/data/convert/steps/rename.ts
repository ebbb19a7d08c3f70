// Gives columns other names, and leaves them where they are.
import { z } from "zod";
import { expecting } from "../../../core/spec/option-notes.ts";
import { text } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { StepKind } from "../convert-step.ts";
import { findColumn, isSameName, kept } from "../find-column.ts";

export interface RenameStep {
  /** Name → new name. */
  readonly rename: Readonly<Record<string, string>>;
}

export const rename: StepKind<RenameStep> = {
  name: "rename",
  summary: "gives columns other names",
  options: defineSpec<RenameStep>()(() => ({
    rename: expecting("an object of names and new names", z.record(z.string().min(1), text())).describe(
      "name → new name; all other columns stay",
    ),
  })),
  keepsRows: true,
  carries: ({ rename: names }, column) => [
    Object.entries(names).find(([from]) => isSameName(from, column))?.[1] ?? column,
  ],
  plan({ rename: names }, input) {
    const changes = Object.entries(names).map(([from, to]) => ({ from: findColumn(from, input).name, to }));
    return {
      columns: input.columns.map((column) => {
        const change = changes.find(({ from }) => isSameName(from, column.name));
        return { ...kept(column), name: change?.to ?? column.name };
      }),
    };
  },
};
