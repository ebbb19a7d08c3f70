import { expect, test } from "vitest";
import { groupLeaves } from "./postgres-parts.ts";

function leaves(...pages: readonly number[]): { readonly table: string; readonly pages: number }[] {
  return pages.map((count, index) => ({ table: `p${index}`, pages: count }));
}

test("partitions are in groups of about the same size, each of them once", () => {
  expect(groupLeaves(leaves(100, 9_000, 3_000, 5_000, 900), 2)).toEqual([["p1"], ["p3", "p2", "p4", "p0"]]);
});

test.each([
  [leaves(), 4, 0],
  [leaves(10, 20, 30), 4, 1],
  [leaves(5_000), 4, 1],
  [leaves(2_500, 2_500, 0), 16, 3],
])("%j read by %i connections are %i groups", (given, parallel, count) => {
  const groups = groupLeaves(given, parallel);
  expect(groups.filter(({ length }) => length > 0)).toHaveLength(count);
  expect(groups.flat().toSorted()).toEqual(given.map(({ table }) => table));
});
