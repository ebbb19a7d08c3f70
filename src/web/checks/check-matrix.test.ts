// Rows and columns of the check matrix.
import { expect, it } from "vitest";
import { type CheckRow } from "../../api/datasets/dataset.ts";
import { groupChecks, onlyFailing, verdictOf } from "./check-matrix.ts";

function check(
  dataset: string,
  name: string,
  results: readonly [run: string, at: string, passed: boolean][],
): CheckRow {
  return {
    dataset,
    job_name: `load_${dataset}`,
    name,
    severity: "warn",
    results: results.map(([run_id, at, passed]) => ({
      run_id,
      at,
      passed,
      failing_rows: passed ? 0 : 3,
      detail: "",
      rows_at: null,
    })),
  };
}

const day = (number: number) => `2026-03-0${number}T06:00:00.000Z`;

it("aligns results of several checks by run, the newest first, with holes where a run has none", () => {
  const [group] = groupChecks([
    check("flights", "unique", [
      ["r9", day(3), true],
      ["r1", day(1), true],
    ]),
    check("flights", "fresh", [
      ["r9", day(3), true],
      ["r5", day(2), false],
    ]),
  ]);
  expect(group?.runs.map((run) => run.runId)).toEqual(["r9", "r5", "r1"]);
  expect(group?.rows.map((row) => row.cells.map((cell) => cell?.passed ?? null))).toEqual([
    [true, null, true],
    [true, false, null],
  ]);
});

it("puts datasets first whose newest results fail", () => {
  const checks = [check("a", "x", [["r1", day(1), true]]), check("b", "x", [["r2", day(1), false]])];
  expect(groupChecks(checks).map((group) => [group.dataset, group.failing])).toEqual([
    ["b", 1],
    ["a", 0],
  ]);
  expect(onlyFailing(checks).map((each) => each.dataset)).toEqual(["b"]);
});

it("keeps the newest runs when there are too many", () => {
  const many = Array.from(
    { length: 9 },
    (_, index) => [`r${index}`, day(index + 1), true] as [string, string, boolean],
  );
  expect(groupChecks([check("a", "x", many)], 4)[0]?.runs.map((run) => run.runId)).toEqual(["r8", "r7", "r6", "r5"]);
});

it("names what a failing check did by its severity", () => {
  const failed = check("a", "x", [["r1", day(1), false]]);
  const result = failed.results[0];
  if (result === undefined) throw new Error("no result");
  expect(verdictOf(failed, result)).toBe("warned");
  expect(verdictOf({ ...failed, severity: "block" }, result)).toBe("blocked");
  expect(verdictOf({ ...failed, severity: "quarantine" }, result)).toBe("quarantined");
  expect(verdictOf(failed, { ...result, passed: true })).toBe("passed");
});
