// What follows from the numbers that checks ask for, whoever has counted.
import { countOf } from "../../core/count-of.ts";
import type { CheckResult } from "../../core/dataset/check.ts";
import type { CompiledCheck } from "./checks.ts";

type Compiled<Ask extends CompiledCheck["ask"]> = Extract<CompiledCheck, { ask: Ask }>;

/** The result of a check that so many rows break. */
export function toResult({ check }: CompiledCheck, failingRows: number, detail: string): CheckResult {
  return { name: check.name, severity: check.severity, passed: failingRows === 0, failingRows, detail };
}

/** @param broken rows that break the rule */
export function judgeRows(compiled: Compiled<"rows">, broken: number): CheckResult {
  const detail = `expected ${compiled.expected}, ${countOf(broken, "row")} ${broken === 1 ? "has" : "have"} none`;
  return toResult(compiled, broken, detail);
}

/** @param rows rows whose key comes more than once, of so many keys */
export function judgeGroups(compiled: Compiled<"groups">, rows: number, keys: number): CheckResult {
  return toResult(compiled, rows, `expected each key once, ${rows} rows share ${countOf(keys, "key")}`);
}

export function judgeCount(compiled: Compiled<"count">, rowCount: number): CheckResult {
  const { min, max } = compiled;
  const fits = rowCount >= min && rowCount <= max;
  return toResult(compiled, fits ? 0 : 1, `expected ${describeBounds(min, max)} rows, got ${rowCount}`);
}

/** One query over `relation`: rows whose key comes more than once. As in SQL, a key with a NULL in it is equal to no other. */
export function repeatedKeys(relation: string, key: readonly string[]): string {
  const columns = key.join(", ");
  const isWhole = key.map((column) => `${column} IS NOT NULL`).join(" AND ");
  return `SELECT ${columns}, count(*) AS n FROM ${relation} WHERE ${isWhole} GROUP BY ${columns} HAVING count(*) > 1`;
}

function describeBounds(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return `at least ${min}`;
  return min === 0 ? `at most ${max}` : `${min} to ${max}`;
}
