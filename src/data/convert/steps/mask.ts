// Hides values of columns in the rows themselves: what is published does not hold them.
import { z } from "zod";
import { quoteIdentifier } from "../../../compute/engine.ts";
import { expecting } from "../../../core/spec/option-notes.ts";
import { integer } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { PlannedColumn, StepInput, StepKind } from "../convert-step.ts";
import { findColumn, isSameName, replaceColumns } from "../find-column.ts";

/** `redact` leaves nothing, `hash` makes a text that is the same for the same value, `keepLast` shows the end of a text. */
export type MaskRule = "redact" | "hash" | { readonly keepLast: number };

export interface MaskStep {
  readonly mask: Readonly<Record<string, MaskRule>>;
}

export const mask: StepKind<MaskStep> = {
  name: "mask",
  summary: "hides values for good",
  options: defineSpec<MaskStep>()(() => ({
    mask: expecting(
      "an object of columns, each with `redact`, `hash` or `{ keepLast }`",
      z.record(z.string().min(1), z.union([z.enum(["redact", "hash"]), z.strictObject({ keepLast: integer(1, 8) })])),
    ).describe(
      "column → `redact`: a constant text; `hash`: HMAC-SHA256 under the project's key, the same for the same value; `{ keepLast: n }`: the last characters of texts that are at least twice as long",
    ),
  })),
  keepsRows: true,
  hides: true,
  carries: ({ mask: rules }, column) => {
    const rule = Object.entries(rules).find(([name]) => isSameName(name, column))?.[1];
    return rule === "redact" ? [] : [column];
  },
  async plan({ mask: rules }, input) {
    const changed: PlannedColumn[] = [];
    for (const [given, rule] of Object.entries(rules)) {
      const { name } = findColumn(given, input);
      changed.push({ name, sql: await hide(quoteIdentifier(name), rule, input), from: [name] });
    }
    return { columns: replaceColumns(input.columns, changed) };
  },
};

async function hide(column: string, rule: MaskRule, { session, cipher }: StepInput): Promise<string> {
  const text = `CAST(${column} AS VARCHAR)`;
  if (rule === "redact") return `CASE WHEN ${column} IS NOT NULL THEN '***' END`;
  if (rule === "hash") {
    const { inner, outer } = cipher().hashBlocks();
    const first = `sha256(unhex(${await session.bind(inner)}) || encode(${text}))`;
    return `sha256(unhex(${await session.bind(outer)}) || unhex(${first}))`;
  }
  // of a short text the end would be most of it
  return `CASE WHEN length(${text}) >= ${rule.keepLast * 2} THEN '***' || right(${text}, ${rule.keepLast}) WHEN ${column} IS NOT NULL THEN '***' END`;
}
