// Chooses columns, and fields within objects, in the order in which they are named.
import { z } from "zod";
import { quoteIdentifier } from "../../../compute/engine.ts";
import { expecting } from "../../../core/spec/option-notes.ts";
import { text, texts } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { PlannedColumn, StepKind } from "../convert-step.ts";
import { findPath, type FoundColumn, isSameName } from "../find-column.ts";

export interface SelectStep {
  /** Names or paths such as `address.city`; or new name → name or path. */
  readonly select: readonly string[] | Readonly<Record<string, string>>;
}

export const select: StepKind<SelectStep> = {
  name: "select",
  summary: "chooses columns, and fields within objects",
  options: defineSpec<SelectStep>()(() => ({
    select: expecting(
      "a list of columns, or an object of new names and columns",
      z.union([texts("columns"), z.record(z.string().min(1), text())]),
    ).describe("columns and paths such as `address.city`, in their order; or new name → column or path"),
  })),
  keepsRows: true,
  carries: ({ select: chosen }, column) =>
    toPairs(chosen).flatMap(([name, path]) => (isSameName(path, column) ? [name ?? path] : [])),
  plan({ select: chosen }, input) {
    return { columns: toPairs(chosen).map(([name, path]) => toPlanned(findPath(path, input), name)) };
  },
};

/** A column or field under a name, by default its own. */
export function toPlanned({ name: own, column, sql }: FoundColumn, name: string = own): PlannedColumn {
  // a field is not all of its column
  return { name, sql, from: [column], isSame: sql === quoteIdentifier(column) };
}

/** New name, where there is one, and what gets it. */
function toPairs(chosen: SelectStep["select"]): readonly (readonly [string | undefined, string])[] {
  return isList(chosen) ? chosen.map((path) => [undefined, path] as const) : Object.entries(chosen);
}

function isList(chosen: SelectStep["select"]): chosen is readonly string[] {
  return Array.isArray(chosen);
}
