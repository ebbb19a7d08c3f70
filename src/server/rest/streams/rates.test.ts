import { expect, test } from "vitest";
import { Rates } from "./rates.ts";

test("a rate is known at the second look, and is that of the last minute", () => {
  let nowMs = 0;
  const rates = new Rates(() => nowMs);
  expect(rates.observe("in", 100)).toBeNull();
  nowMs = 10_000;
  expect(rates.observe("in", 200)).toBe(10);
  nowMs = 65_000;
  // the look at 0 s is forgotten
  expect(rates.observe("in", 750)).toBe(10);
});

test("looks that follow each other at once tell nothing", () => {
  let nowMs = 0;
  const rates = new Rates(() => nowMs);
  rates.observe("in", 1);
  nowMs = 10;
  expect(rates.observe("in", 500)).toBeNull();
});

test("a count that fell begins anew, such as that of a group that was put back", () => {
  let nowMs = 0;
  const rates = new Rates(() => nowMs);
  rates.observe("group", 5_000);
  nowMs = 5_000;
  expect(rates.observe("group", 10)).toBeNull();
  nowMs = 10_000;
  expect(rates.observe("group", 60)).toBe(10);
});

test("names are apart", () => {
  let nowMs = 0;
  const rates = new Rates(() => nowMs);
  rates.observe("a", 0);
  nowMs = 2_000;
  expect(rates.observe("b", 10)).toBeNull();
  expect(rates.observe("a", 10)).toBe(5);
});
