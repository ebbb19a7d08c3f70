// Cuts the values of a key into ranges: each becomes a unit of a job that reads its rows by this key.
import { z } from "zod";
import { quoteIdentifier } from "../../../compute/engine.ts";
import { optional } from "../../../core/spec/option-notes.ts";
import { integer, text } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { StepKind } from "../convert-step.ts";
import { findPath } from "../find-column.ts";
import { refuseSql } from "../step-error.ts";

export interface RangesOptions {
  /** The column with the keys. */
  readonly key: string;
  /** Keys in a range; the last one may have fewer. */
  readonly size: number;
  /** Where the last range ends. Default: at the last key. */
  readonly last?: string | number;
  /** Name of the column for the first key of a range. Default `from`. */
  readonly from?: string;
  /** Name of the column for its last key. Default `to`. */
  readonly to?: string;
}

export interface RangesStep {
  readonly ranges: RangesOptions;
}

export const ranges: StepKind<RangesStep> = {
  name: "ranges",
  summary: "cuts the keys of all rows into ranges",
  options: defineSpec<RangesStep>()(() => ({
    ranges: z.strictObject({
      key: text("a column").describe(
        "column with the keys; a key that comes twice counts once, one that is NULL is refused",
      ),
      size: integer(1).describe("keys in a range; only the last one may have fewer"),
      last: optional(z.union([z.string(), z.number()]), "the last key").describe(
        "where the last range ends, for keys that come later",
      ),
      from: text("a name").default("from").describe("column for the first key of a range"),
      to: text("a name").default("to").describe("column for the last key of a range, which belongs to it"),
    }),
  })),
  async plan({ ranges: { key, size, last, from = "from", to = "to" } }, input) {
    const { sql, column, type } = findPath(key, input);
    const refusal = refuseSql(input.where, `key \`${key}\` is NULL in a row`);
    const keys = `SELECT DISTINCT CASE WHEN ${sql} IS NULL THEN ${refusal} ELSE ${sql} END AS k FROM source`;
    const numbered = `SELECT k, (row_number() OVER (ORDER BY k) - 1) // ${size} AS n, max(k) OVER () AS greatest FROM (${keys})`;
    const end =
      last === undefined
        ? "max(k)"
        : `CASE WHEN max(k) = max(greatest) THEN CAST(${await input.session.bind(last)} AS ${type}) ELSE max(k) END`;
    const select = `SELECT min(k) AS ${quoteIdentifier(from)}, ${end} AS ${quoteIdentifier(to)} FROM (${numbered}) GROUP BY n ORDER BY n`;
    const origin = { from: [column] };
    return {
      select,
      origins: new Map([
        [from.toLowerCase(), origin],
        [to.toLowerCase(), origin],
      ]),
    };
  },
};
