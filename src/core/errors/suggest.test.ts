import { expect, test } from "vitest";
import { suggest } from "./suggest.ts";

test("the closest name is suggested, ignoring case", () => {
  expect(suggest("intervl", ["timeout", "interval", "internal"])).toBe(", did you mean `interval`?");
  expect(suggest("Flights", ["flights"])).toBe(", did you mean `flights`?");
});

test("the same beginning says more than two slips, and less than one", () => {
  expect(suggest("retries", ["metrics", "retry"])).toBe(", did you mean `retry`?");
  expect(suggest("tables", ["table_path", "cables"])).toBe(", did you mean `cables`?");
});

test("nothing is suggested when nothing is close", () => {
  expect(suggest("flights", ["customers", "x"])).toBe("");
  expect(suggest("a", [])).toBe("");
});
