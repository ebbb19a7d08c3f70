// Pages of the grid as one, and the keyboard in it.
import { expect, it } from "vitest";
import { type Grid } from "../../api/job.ts";
import { mergeGrid, moveInGrid } from "./merge-grid.ts";

function page(job_names: readonly string[], runIds: readonly string[]): Grid {
  return {
    job_names,
    columns: runIds.map((run_id) => ({
      run_id,
      state: "FINISHED",
      created_at: "2026-03-01T00:00:00.000Z",
      duration_ms: 1,
      cells: job_names.map((name) => ({
        run_id: `${run_id}-${name}`,
        state: "FINISHED",
        reason: null,
        duration_ms: 1,
      })),
    })),
    next_cursor: null,
  };
}

it("aligns cells of pages whose members differ", () => {
  const merged = mergeGrid([page(["a", "b"], ["r9"]), page(["b", "old"], ["r1"])]);
  expect(merged.jobNames).toEqual(["a", "b", "old"]);
  expect(merged.columns.map((column) => column.cells.map((cell) => cell?.run_id ?? null))).toEqual([
    ["r9-a", "r9-b", null],
    [null, "r1-b", "r1-old"],
  ]);
});

it("moves by arrows within the grid and its head", () => {
  const size = { rows: 2, columns: 3 };
  expect(moveInGrid("ArrowUp", { row: 0, column: 1 }, size)).toEqual({ row: -1, column: 1 });
  expect(moveInGrid("ArrowUp", { row: -1, column: 1 }, size)).toEqual({ row: -1, column: 1 });
  expect(moveInGrid("ArrowDown", { row: 1, column: 1 }, size)).toEqual({ row: 1, column: 1 });
  expect(moveInGrid("End", { row: 0, column: 0 }, size)).toEqual({ row: 0, column: 2 });
  expect(moveInGrid("a", { row: 0, column: 0 }, size)).toBeNull();
});
