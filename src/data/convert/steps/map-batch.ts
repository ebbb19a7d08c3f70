// A function of the job, for many rows at once.
import type { ConvertResult, ConvertRow } from "../../../core/dataset/convert-step.ts";
import { optional } from "../../../core/spec/option-notes.ts";
import { callback, integer } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { StepKind } from "../convert-step.ts";
import { columnTypes, toRows } from "./map.ts";

export interface MapBatchStep {
  readonly mapBatch: (rows: readonly ConvertRow[]) => ConvertResult | Promise<ConvertResult>;
  /** Rows in a call, at most; only the last one has fewer. Default 1000. */
  readonly size?: number;
  /** Called after the last row; returns what the function has held back. */
  readonly flush?: () => ConvertResult | Promise<ConvertResult>;
  /** Column → its type, where values do not tell it. */
  readonly columns?: Readonly<Record<string, string>>;
}

export const mapBatch: StepKind<MapBatchStep> = {
  name: "mapBatch",
  summary: "calls a function with many rows at once",
  options: defineSpec<MapBatchStep>()(() => ({
    mapBatch: callback<MapBatchStep["mapBatch"]>().describe("`(rows) => rows`"),
    size: integer(1, 100_000).default(1_000).describe("rows in a call; only the last one has fewer"),
    flush: optional(callback<NonNullable<MapBatchStep["flush"]>>()).describe(
      "called after the last row; returns what was held back",
    ),
    columns: columnTypes(),
  })),
  isOpaque: true,
  async plan({ mapBatch: call, size = 1_000, flush, columns = {} }, input) {
    const calls = {
      size,
      call: async (rows: readonly ConvertRow[]) => toRows(await call(rows)),
      flush: async () => toRows(await flush?.()),
    };
    // jobs without functions do not load what runs them
    const { runFunction } = await import("../run-function.ts");
    return await runFunction(input, calls, columns);
  },
};
