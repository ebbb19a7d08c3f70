import { expect, test } from "vitest";
import { suggest } from "./suggest.ts";

test("the closest name is suggested, ignoring case", () => {
  expect(suggest("intervl", ["timeout", "interval", "internal"])).toBe(", did you mean `interval`?");
  expect(suggest("Flights", ["flights"])).toBe(", did you mean `flights`?");
});

test("nothing is suggested when nothing is close", () => {
  expect(suggest("flights", ["customers", "x"])).toBe("");
  expect(suggest("a", [])).toBe("");
});
