import { describe, expect, it } from "vitest";
import { findDifferences } from "./find-differences.ts";

describe("findDifferences", () => {
  it("names each place with what was there and what is", () => {
    const before = { region: "eu", limits: { rows: 10, days: 3 }, gone: true };
    const after = { region: "us", limits: { rows: 10, days: 4 }, come: [1] };
    expect(findDifferences(before, after)).toEqual([
      { path: "region", before: "eu", after: "us" },
      { path: "limits.days", before: 3, after: 4 },
      { path: "gone", before: true, after: null },
      { path: "come", before: null, after: [1] },
    ]);
  });

  it("compares lists place by place, and a list with an object as a whole", () => {
    expect(findDifferences([1, 2], [1, 3, 4])).toEqual([
      { path: "1", before: 2, after: 3 },
      { path: "2", before: null, after: 4 },
    ]);
    expect(findDifferences({ a: [1] }, { a: { 0: 1 } })).toEqual([{ path: "a", before: [1], after: { 0: 1 } }]);
  });

  it("finds nothing between equal values, whatever the order of their keys", () => {
    expect(findDifferences({ a: 1, b: { c: null } }, { b: { c: null }, a: 1 })).toEqual([]);
  });

  it("takes a key called `__proto__` as any other", () => {
    const odd = (value: number) => JSON.parse(`{"__proto__":{"x":${value}}}`) as Record<string, number>;
    expect(findDifferences(odd(1), odd(2))).toEqual([{ path: "__proto__.x", before: 1, after: 2 }]);
  });

  it("stops at 500 differences and at 20 levels", () => {
    const wide = (value: number) => Array.from({ length: 2_000 }, () => value);
    expect(findDifferences(wide(1), wide(2))).toHaveLength(500);
    const deep = (value: number) =>
      JSON.parse(`${'{"a":'.repeat(100)}${value}${"}".repeat(100)}`) as Record<string, number>;
    expect(findDifferences(deep(1), deep(2)).map(({ path }) => path.split(".").length)).toEqual([20]);
  });
});
