// Differences between checkpoints.
import { describe, expect, it } from "vitest";
import { diffJson, parseJson } from "./diff-json.ts";

describe("diffJson", () => {
  it("lists changed, added and removed parts with their dotted paths", () => {
    const before = { page: 3, done: ["a", "b"], old: true };
    const after = { page: 4, done: ["a", "c", "d"], deep: { x: 1 } };
    expect(diffJson(before, after)).toEqual([
      { path: "page", before: 3, after: 4 },
      { path: "done.1", before: "b", after: "c" },
      { path: "done.2", before: null, after: "d" },
      { path: "old", before: true, after: null },
      { path: "deep", before: null, after: { x: 1 } },
    ]);
  });

  it("finds nothing between equal values, and states values without parts as a whole", () => {
    expect(diffJson({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toEqual([]);
    expect(diffJson("x", { a: 1 })).toEqual([{ path: "(all)", before: "x", after: { a: 1 } }]);
    expect(diffJson([1], { 0: 1 })).toHaveLength(1);
  });

  it("reads keys such as `__proto__` as data, and stops at its limit", () => {
    const value = parseJson('{"__proto__": {"x": 1}}').value;
    expect(diffJson({}, value)).toEqual([{ path: "__proto__", before: null, after: { x: 1 } }]);
    const many = Array.from({ length: 500 }, (_, index) => index);
    expect(diffJson([], many, 10)).toHaveLength(10);
  });
});

it("says what is wrong with a text that is not JSON", () => {
  expect(parseJson('{"a": 1}')).toEqual({ value: { a: 1 }, error: null });
  expect(parseJson("{a}").error).toMatch(/^not valid JSON: /);
});
