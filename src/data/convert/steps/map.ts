// A function of the job, for each row: for what no other step can say.
import { z } from "zod";
import type { ConvertResult, ConvertRow, RowFunction } from "../../../core/dataset/convert-step.ts";
import { optional } from "../../../core/spec/option-notes.ts";
import { callback, text } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { StepKind } from "../convert-step.ts";

export interface MapStep {
  readonly map: RowFunction;
  /** Called after the last row; returns what the function has held back. */
  readonly flush?: () => ConvertResult | Promise<ConvertResult>;
  /** Column → its type, where values do not tell it. */
  readonly columns?: Readonly<Record<string, string>>;
}

export const map: StepKind<MapStep> = {
  name: "map",
  summary: "calls a function with each row",
  options: defineSpec<MapStep>()(() => ({
    map: callback<RowFunction>().describe("`(row) => row`, rows, or nothing for a row that is left out"),
    flush: optional(callback<NonNullable<MapStep["flush"]>>()).describe(
      "called after the last row; returns what was held back",
    ),
    columns: columnTypes(),
  })),
  isOpaque: true,
  async plan({ map: call, flush, columns = {} }, input) {
    const calls = {
      size: rowsAtOnce,
      call: async (rows: readonly ConvertRow[], begin: (index: number) => void) => {
        const results: ConvertRow[] = [];
        for (const [index, row] of rows.entries()) {
          begin(index);
          const result = call(row);
          results.push(...toRows(result instanceof Promise ? await result : result));
        }
        return results;
      },
      flush: async () => toRows(await flush?.()),
    };
    // jobs without functions do not load what runs them
    const { runFunction } = await import("../run-function.ts");
    return await runFunction(input, calls, columns);
  },
};

const rowsAtOnce = 2_048;

/** The option `columns` of steps that call functions. */
export function columnTypes(): z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodString>> {
  return optional(z.record(z.string().min(1), text("a type of SQL")), "what the values tell").describe(
    "column → its type; a column that was there before keeps its type as long as all its values have it",
  );
}

/** What a function returned, as rows. */
export function toRows(result: ConvertResult): readonly ConvertRow[] {
  if (result === undefined || result === null) return [];
  return Array.isArray(result) ? (result as readonly ConvertRow[]) : [result as ConvertRow];
}
