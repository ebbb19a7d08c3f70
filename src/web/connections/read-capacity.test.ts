// Capacities as people type them.
import { expect, it } from "vitest";
import { readCapacity } from "./read-capacity.ts";

it("reads a whole number, and no limit from nothing", () => {
  expect(readCapacity(" 12 ")).toEqual({ capacity: 12, problem: null });
  expect(readCapacity("0")).toEqual({ capacity: 0, problem: null });
  expect(readCapacity("")).toEqual({ capacity: null, problem: null });
});

it("refuses what is no count", () => {
  for (const text of ["-1", "1.5", "1e3", "many", "1000001"])
    expect(readCapacity(text).problem).toMatch(/whole number/);
});
