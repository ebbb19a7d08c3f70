// Compares how many rows came with what another dataset says there should be. What cannot be compared fails: a base of nothing,
// and more rows than the base has.
import { parseEngineType } from "../../compute/engine-type.ts";
import { type Column, quoteIdentifier } from "../../compute/engine.ts";
import { countOf } from "../../core/count-of.ts";
import type { CompareRule } from "../../core/dataset/check.ts";
import { isNumeric } from "./comparable-types.ts";

/** One row with one number, `n`: the rows of the base, or what its field adds up to. @param column of the base that `field` names */
export function baseSql(base: string, column: Column | undefined): string {
  return `SELECT ${amountOf(column)} AS n FROM ${quoteIdentifier(base)}`;
}

/** By how many rows the share is not as it should be, and what was expected. @param rows that count */
export function judgeShare(
  { base = "", field, criteria, threshold }: CompareRule,
  rows: number,
  whole: number,
): { readonly failingRows: number; readonly detail: string } {
  const of = `${field === undefined ? countOf(whole, "row") : `the ${whole} of \`${field}\``} of \`${base}\``;
  const limit = criteria === "fail" ? `less than ${threshold} %` : `at least ${threshold} %`;
  const expected = `expected ${limit} of ${of}`;
  if (!(whole > 0)) return { failingRows: 1, detail: `${expected}, which is nothing to compare with` };
  const share = `${rows} (${((rows / whole) * 100).toFixed(2)} %)`;
  const detail = `${expected}, got ${share}`;
  if (rows > whole) return { failingRows: rows - whole, detail: `${detail}, which is more than all` };
  const isReached = rows * 100 >= threshold * whole;
  if (criteria === "fail") return { failingRows: isReached ? rows : 0, detail };
  return { failingRows: isReached ? 0 : whole - rows, detail };
}

/** Sizes of lists and numbers add up; of anything else the rows count that have a value. */
function amountOf(column: Column | undefined): string {
  if (column === undefined) return "count(*)";
  const name = quoteIdentifier(column.name);
  if (parseEngineType(column.type).kind === "list") return `coalesce(sum(len(${name})), 0)`;
  return isNumeric(column.type) ? `coalesce(sum(${name}), 0)` : `count(${name})`;
}
