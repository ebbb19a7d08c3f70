import { expect, test } from "vitest";
import { parseInteger } from "./parse-integer.ts";

test.each([
  ["1", {}, 1],
  ["500", { most: 500 }, 500],
  ["0", { least: 0, most: 9 }, 0],
] as const)("%s is taken within %o", (text, range, value) => {
  expect(parseInteger("--limit", text, range)).toBe(value);
});

test.each([
  ["nothing", {}, "expected `--limit` to be an integer of at least 1, got: `nothing`"],
  ["", {}, "expected `--limit` to be an integer of at least 1, got: ``"],
  ["1e2", { most: 500 }, "expected `--limit` to be an integer from 1 to 500, got: `1e2`"],
  ["501", { most: 500 }, "expected `--limit` to be an integer from 1 to 500, got: `501`"],
  ["-1", { least: 0, most: 9 }, "expected `--limit` to be an integer from 0 to 9, got: `-1`"],
  ["9007199254740993", {}, "expected `--limit` to be an integer of at least 1, got: `9007199254740993`"],
] as const)("%s is refused as it was typed", (text, range, message) => {
  expect(() => parseInteger("--limit", text, range)).toThrowError(message);
});
